import { FrameEncoder } from '@bhatti/display/encode/frame-encoder.ts';
import type { EncodePool } from '@bhatti/display/encode/pool.ts';
import type { Frame } from '@bhatti/display/source/frame.ts';
import { FrameRing, type RingSlot } from '@bhatti/display/source/frame-ring.ts';
import { changedRegion } from '@bhatti/display/update/compare.ts';
import type { FrameChange } from '@bhatti/display/update/move.ts';
import { openMoveFinder } from '@bhatti/display/update/moves.ts';
import { abilitiesOf } from '@bhatti/display/viewer-session/abilities.ts';
import { encodeModeOf } from '@bhatti/display/viewer-session/picture-quality.ts';
import type { Stage } from '@bhatti/display/viewer-session/stage.ts';
import { fenceIdOf, UpdateSender } from '@bhatti/display/viewer-session/update-sender.ts';
import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { regionOf } from '@bhatti/rfb/region.ts';
import type { UpdateRect } from '@bhatti/rfb/server-message.ts';
import { betweenUpdates, readServerMessage } from '@bhatti/rfb/server-reader.ts';
import { until } from './until.ts';

export type PixelRect = Extract<UpdateRect, { type: 'pixels' }>;

/** A screen without an X server: what a test draws goes through comparison, trackers and the real encoders to viewers who read when the test says so. */
export class MovingScreen implements Disposable {
  readonly width: number;
  readonly height: number;
  /** The picture; `present` makes a frame of it. */
  readonly words: Int32Array;
  readonly viewers: MovingViewer[] = [];
  /** The time by which the encoder tells films from changes. */
  nowMs = 0;
  readonly #ring: FrameRing;
  readonly #pool: EncodePool;
  readonly #encoder: FrameEncoder;
  readonly #moves = openMoveFinder();
  #frame: Frame | undefined;

  constructor(size: { readonly width: number; readonly height: number }, pool: EncodePool) {
    this.width = size.width;
    this.height = size.height;
    this.words = new Int32Array(size.width * size.height);
    this.#ring = new FrameRing({ ...size, format: bgrx8888 }, () => {});
    this.#pool = pool;
    this.#encoder = new FrameEncoder(pool, () => this.nowMs);
    for (const { segment } of this.#ring.slots) pool.attach(segment);
  }

  /** Makes a frame of the picture, once no encoder holds all segments. */
  async present(): Promise<void> {
    const slot = await until(() => this.#ring.tryTakeFree());
    const before = this.#ring.current;
    slot.words.set(this.words);
    const whole = regionOf({ x: 0, y: 0, width: this.width, height: this.height });
    if (before === undefined) {
      return this.#publish(slot, { changed: whole, moves: [] });
    }
    const framebuffers = {
      previousAddress: before.segment.address,
      currentAddress: slot.segment.address,
      widthPx: this.width,
      heightPx: this.height,
      strideBytes: this.#ring.strideBytes,
      bytesPerPixel: 4,
      previous: before.words,
      current: slot.words,
    } as const;
    const changed = changedRegion(framebuffers, whole);
    const moves = this.#moves.find(framebuffers, changed);
    this.#publish(slot, { changed, moves });
  }

  #publish(slot: RingSlot, change: FrameChange): void {
    this.#frame = this.#ring.publish(slot, (this.#frame?.serial ?? 0) + 1);
    this.#encoder.noteFrame(this.#frame, change);
    for (const viewer of this.viewers) viewer.sender.noteChange(change);
  }

  get stage(): Stage {
    const layout = { width: this.width, height: this.height, screens: [] };
    return {
      layout,
      name: 'a screen of a test',
      format: bgrx8888,
      frame: () => this.#frame,
      refresh: () => undefined,
      wantFrame() {},
      encoder: this.#encoder,
      cursor: () => undefined,
      leds: () => 0,
    };
  }

  [Symbol.dispose](): void {
    for (const viewer of this.viewers) viewer.sender.stop();
    for (const { segment } of this.#ring.slots) this.#pool.detach(segment.id);
    this.#ring[Symbol.dispose]();
  }
}

export interface MovingViewerOptions {
  readonly encodings: readonly number[];
  readonly format?: PixelFormat;
  /** Draws a rect on the viewer's picture. */
  readonly draw: (rect: PixelRect) => void;
}

/** A viewer of such a screen: it asks for everything at once, and reads what was sent when it is told to. */
export class MovingViewer {
  readonly sender: UpdateSender;
  readonly #options: MovingViewerOptions;
  readonly #queue = new ByteQueue();
  readonly #screen: MovingScreen;
  #state = betweenUpdates;
  /** Rects that came, by encoding. */
  readonly counts = new Map<number, number>();
  bytes = 0;
  failure: unknown;

  constructor(screen: MovingScreen, options: MovingViewerOptions) {
    this.#options = options;
    this.#screen = screen;
    const abilities = abilitiesOf(options.encodings);
    const format = options.format ?? bgrx8888;
    const mode = encodeModeOf(abilities, format, { minQuality: 0, maxQuality: 9 });
    this.sender = new UpdateSender(
      screen.stage,
      {
        send: (bytes) => this.#queue.push(bytes),
        bufferedBytes: () => 0,
        fail: (error) => (this.failure = error),
      },
      { abilities, format, mode },
    );
    screen.viewers.push(this);
    this.#request(false);
  }

  /** Reads all that has arrived, answers fences and asks for more. False when nothing had arrived. */
  read(): boolean {
    if (this.failure !== undefined) throw this.failure;
    let hasRead = false;
    for (;;) {
      const result = readServerMessage(this.#queue.bytes(), this.#state, {
        format: this.#options.format ?? bgrx8888,
        maxCutTextBytes: 0,
        maxRectBytes: 1 << 26,
      });
      if (result === undefined) return hasRead;
      hasRead = true;
      const { message } = result;
      if (message.type === 'pixels') {
        this.counts.set(message.encoding, (this.counts.get(message.encoding) ?? 0) + 1);
        this.bytes += message.body.length + 12;
        this.#options.draw(message);
      }
      this.#state = result.state;
      this.#queue.consume(result.length);
      if (message.type === 'updateEnd') this.#request(true);
      if (message.type === 'serverFence') this.sender.noteFence(fenceIdOf(message.payload) ?? -1);
    }
  }

  #request(incremental: boolean): void {
    this.sender.request(incremental, { x: 0, y: 0, width: this.#screen.width, height: this.#screen.height });
  }
}

/** Scrolls or drags the contents of a part of a picture within it; what comes in is new. */
export function shiftPart(
  screen: Pick<MovingScreen, 'words' | 'width'>,
  part: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  by: { readonly dx: number; readonly dy: number; readonly seed: number },
): void {
  const { words, width } = screen;
  const old = words.slice();
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      const [fromX, fromY] = [x - by.dx, y - by.dy];
      const isInside =
        fromX >= part.x && fromY >= part.y && fromX < part.x + part.width && fromY < part.y + part.height;
      words[y * width + x] = isInside ? (old[fromY * width + fromX] ?? 0) : grain(x, y, by.seed);
    }
  }
}

/** Fills a part with something of few colours, or like a photograph. */
export function paintPart(
  screen: Pick<MovingScreen, 'words' | 'width'>,
  part: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  paint: { readonly seed: number; readonly isPhoto: boolean },
): void {
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      screen.words[y * screen.width + x] = paint.isPhoto ? photo(x, y, paint.seed) : grain(x, y, paint.seed);
    }
  }
}

function grain(x: number, y: number, seed: number): number {
  return Math.imul((x >> 2) * 7919 + (y >> 1) * 104_729 + seed * 31, 0x9e37_79b1) >>> 31 === 0 ? 0xff_ffff : 0x20_3040;
}

function photo(x: number, y: number, seed: number): number {
  const level = (phase: number) => Math.round(128 + 100 * Math.sin(x / 30 + phase + seed) * Math.cos(y / 20 - phase));
  const noise = Math.imul(x * 7919 + y * 104_729 + seed, 0x9e37_79b1) >>> 28;
  return ((level(0) + noise) << 16) | ((level(2) + noise) << 8) | (level(4) + noise);
}
