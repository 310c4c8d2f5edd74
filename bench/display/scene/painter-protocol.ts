import type { FilmRef } from './film.ts';
import type { Box } from './screen.ts';

interface SegmentRef {
  readonly id: number;
  readonly bytes: number;
}

/** What is on the screen. */
export type Scene =
  /** Nothing of ours: other programs draw. */
  | { readonly kind: 'bare' }
  /** A wallpaper and a page of text. */
  | { readonly kind: 'still' }
  /** A film, over a wallpaper where it leaves some of it. */
  | { readonly kind: 'film'; readonly box: Box; readonly film: FilmRef; readonly framesPerSecond: number }
  /** A wallpaper and a window that follows the pointer while its button is held. */
  | { readonly kind: 'drag'; readonly box: Box };

export interface PainterOrder {
  readonly display: number;
  readonly cookieBase64: string;
  readonly scene: Scene;
  /** One picture of the screen's size. */
  readonly wallpaper: SegmentRef;
  /** Room for captures of the screen, one after the other. */
  readonly captures: SegmentRef;
  readonly width: number;
  readonly height: number;
  /** Where the square is that changes its colour with each key press. */
  readonly keyBox: Box;
}

export type PainterCommand =
  | { readonly do: 'play' }
  | { readonly do: 'pause' }
  /** Gives the log and begins a new one. */
  | { readonly do: 'takeLog' }
  /** Captures the screen into a slot. */
  | { readonly do: 'capture'; readonly slot: number }
  /** Captures again and again, round all slots, and notes which frame each holds by the strip that is there. */
  | { readonly do: 'watch'; readonly strip: { readonly x: number; readonly y: number } }
  /** Gives what was noted. */
  | { readonly do: 'unwatch' }
  | { readonly do: 'pointer'; readonly x: number; readonly y: number }
  /** Turns the wheel down by so many notches. */
  | { readonly do: 'wheel'; readonly notches: number };

/** Times are those of the machine's clock, in ms. */
export interface PainterLog {
  readonly frames: readonly {
    readonly number: number;
    readonly atMs: number;
    readonly filmIndex?: number;
    readonly x?: number;
    readonly y?: number;
  }[];
  readonly keys: readonly { readonly heardAtMs: number; readonly paintedAtMs: number }[];
}

export interface CapturedFrame {
  readonly number: number;
  readonly slot: number;
}

/** One line for each command, in order; the first of all is for the scene, when it is drawn. */
export type PainterReply = { readonly log?: PainterLog; readonly captured?: readonly CapturedFrame[] };
