import { CodedError } from '@bhatti/base/errors.ts';
import { framebufferOf } from '../encode/frame-encoder.ts';
import type { EncodePool } from '../encode/pool.ts';
import type { CursorWatch } from '../cursor/cursor-watch.ts';
import type { Frame } from '../source/frame.ts';
import type { ScreenSource } from '../source/screen-source.ts';
import type { XConnection } from '../source/x-connection.ts';
import type { ControlledDesktop, Screenshot, ScreenshotWish } from './control-api.ts';
import { planPicture } from './picture-plan.ts';
import { DrawnWatch } from './drawn-watch.ts';
import { activeWindow, internAtoms, listWindows } from './window-list.ts';

export interface DesktopParts {
  readonly x: XConnection;
  readonly source: ScreenSource;
  readonly pool: EncodePool;
  readonly cursor: CursorWatch;
  readonly viewerCount: () => number;
  /** Somebody wants a screenshot. Throws SCREEN_WITHHELD where that may not be. */
  readonly beforePicture: () => void;
}

const maxAttempts = 20;

/** The desktop as programs see it: status, windows, screenshots. */
export async function openDesktop(parts: DesktopParts): Promise<ControlledDesktop & Disposable> {
  const { x, source } = parts;
  const atoms = await internAtoms(x);
  const drawn = new DrawnWatch(x, atoms, (use) => withFreshFrame(parts, use));
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
    screenshot: (wish) => withFreshFrame(parts, (frame) => takeScreenshot(parts, frame, wish)),
    windows: () => listWindows(x, atoms),
    activeWindow: () => activeWindow(x, atoms),
    [Symbol.dispose]: () => drawn[Symbol.dispose](),
  };
}

async function withFreshFrame<T>({ source }: DesktopParts, use: (frame: Frame) => T | Promise<T>): Promise<T> {
  // A resize in the middle makes a capture fail, and the next is of the new size, unless a person is dragging the window's edge.
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    await source.capture();
    const frame = source.current;
    if (frame === undefined) continue;
    // In this very turn: a resize gives up all frames that nobody holds.
    frame.retain();
    try {
      return await use(frame);
    } finally {
      frame.release();
    }
  }
  throw new CodedError('DISPLAY_UNAVAILABLE', 'cannot capture the screen: it keeps changing its size', { display: '' });
}

async function takeScreenshot(parts: DesktopParts, frame: Frame, wish: ScreenshotWish): Promise<Screenshot> {
  parts.beforePicture();
  const pointer = wish.withCursor ? await parts.cursor.fetch() : undefined;
  const { rect, widthPx, heightPx } = planPicture(frame, wish);
  const bytes = await parts.pool.picture({
    framebuffer: framebufferOf(frame),
    format: wish.format,
    quality: wish.quality,
    rect,
    size: { widthPx, heightPx },
    ...(wish.labels === undefined ? {} : { labels: wish.labels }),
    ...(pointer === undefined ? {} : { cursor: pointer }),
  });
  return { bytes, widthPx, heightPx, frameSerial: frame.serial };
}
