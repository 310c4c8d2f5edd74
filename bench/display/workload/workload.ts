import type { LinkName, Link } from '../link/network.ts';
import type { DisplayServer, ServerName } from '../peer/display-server.ts';
import type { Film } from '../scene/film.ts';
import type { Box } from '../scene/screen.ts';
import type { SharedSegment } from '@bhatti/sys/shm.ts';
import type { ViewerBrowser } from '../viewer/viewer.ts';

export const workloadNames = [
  'key',
  'typing',
  'chromium-key',
  'scroll',
  'drag',
  'video-30-window',
  'video-60-window',
  'video-30-full',
  'video-60-full',
  'two-viewers',
  'idle',
] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** Everything that a workload works with; the same for each server. */
export interface Stage {
  readonly browser: ViewerBrowser;
  readonly films: { readonly full: Film; readonly window: Film };
  readonly wallpaper: SharedSegment;
  readonly captures: SharedSegment;
  readonly seconds: number;
}

export interface Setting {
  readonly server: DisplayServer;
  readonly link: Link;
}

/** What was measured of one workload with one server over one link. Rates are over `seconds`. */
export interface Measured {
  readonly seconds: number;
  readonly bytes: number;
  readonly cpuSeconds: number;
  /** Frames that the workload drew, and different ones that the browser showed. */
  readonly framesDrawn?: number;
  readonly framesShown?: number;
  /** A frame was drawn until it was on the canvas; of `drag`, the pointer was moved until the window had followed. */
  readonly frameLatenciesMs?: readonly number[];
  /** A key was pressed until its effect was on the canvas. */
  readonly keyLatenciesMs?: readonly number[];
  /** Of that, what passed between the client's message and the server's, less what the program took to paint. */
  readonly serverSharesMs?: readonly number[];
  /** Of the canvas against the X server's pixels of the same frame, while it moves. */
  readonly ssimMoving?: readonly number[];
  /** The same one second after it stopped, and how much of it was equal bit by bit. */
  readonly ssimResting?: number;
  readonly equalResting?: number;
  /** Proportional memory of all processes, and of those beside the X server where it is another one. */
  readonly memoryMb?: { readonly all: number; readonly withoutX: number };
}

export interface Measurement extends Measured {
  readonly server: ServerName;
  readonly workload: WorkloadName;
  readonly link: LinkName;
  readonly run: number;
}

export const screenSize = { width: 1280, height: 720 };
/** In the upper right corner: it hides little, and SSIM is taken of what is below. */
export const keyBox: Box = { x: 1200, y: 0, width: 64, height: 64 };
