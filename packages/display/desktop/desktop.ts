import { CodedError } from '@bhatti/base/errors.ts';
import { framebufferOf } from '../encode/frame-encoder.ts';
import type { EncodePool } from '../encode/pool.ts';
import type { CursorWatch } from '../cursor/cursor-watch.ts';
import type { Frame } from '../source/frame.ts';
import type { ScreenSource } from '../source/screen-source.ts';
import type { XConnection } from '../source/x-connection.ts';
import type { ControlledDesktop, Screenshot, ScreenshotWish } from './control-api.ts';
import { DrawnWatch } from './drawn-watch.ts';
import { activeWindow, internAtoms, listWindows } from './window-list.ts';

export interface DesktopParts {
  readonly x: XConnection;
  readonly source: ScreenSource;
  readonly pool: EncodePool;
  readonly cursor: CursorWatch;
  readonly viewerCount: () => number;
  /** Somebody takes a screenshot. */
  readonly onUse: () => void;
}

/** The desktop as programs see it: status, windows, screenshots. */
export async function openDesktop(parts: DesktopParts): Promise<ControlledDesktop & Disposable> {
  const { x, source } = parts;
  const atoms = await internAtoms(x);
  const freshFrame = () => captureFresh(parts);
  const drawn = new DrawnWatch(x, atoms, freshFrame);
  const screen = () => ({ width: source.shape.width, height: source.shape.height, depth: x.screen.root_depth });

  return {
    status: () => ({
      ready: true,
      drawn: drawn.isDrawn,
      viewers: parts.viewerCount(),
      frameSerial: source.current?.serial ?? 0,
      screen: screen(),
    }),
    waitUntilDrawn: (timeoutMs) => drawn.wait(timeoutMs),
    screen,
    screenshot: async (wish) => takeScreenshot(parts, await freshFrame(), wish),
    windows: () => listWindows(x, atoms),
    activeWindow: () => activeWindow(x, atoms),
    [Symbol.dispose]: () => drawn[Symbol.dispose](),
  };
}

async function captureFresh({ source }: DesktopParts): Promise<Frame> {
  // A resize in the middle makes the first capture fail, and the second is of the new size.
  for (let attempt = 0; attempt < 3; attempt++) {
    await source.capture();
    if (source.current !== undefined) return source.current;
  }
  throw new CodedError('DISPLAY_UNAVAILABLE', 'cannot capture the screen: it keeps changing its size', { display: '' });
}

async function takeScreenshot(parts: DesktopParts, frame: Frame, wish: ScreenshotWish): Promise<Screenshot> {
  parts.onUse();
  frame.retain();
  try {
    const pointer = wish.withCursor ? await parts.cursor.fetch() : undefined;
    const bytes = await parts.pool.picture({
      framebuffer: framebufferOf(frame),
      format: wish.format,
      quality: wish.quality,
      ...(pointer === undefined ? {} : { cursor: pointer }),
      ...(wish.fit === undefined ? {} : { size: fitted(frame, wish.fit) }),
    });
    return { bytes, frameSerial: frame.serial };
  } finally {
    frame.release();
  }
}

/** The largest size with the frame's proportions that fits; never larger than the frame. */
function fitted(frame: Frame, fit: { readonly width: number; readonly height: number }) {
  const scale = Math.min(1, fit.width / frame.width, fit.height / frame.height);
  return {
    widthPx: Math.max(1, Math.round(frame.width * scale)),
    heightPx: Math.max(1, Math.round(frame.height * scale)),
  };
}
