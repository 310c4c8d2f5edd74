import { type PixelFormat, pixelFormatsEqual } from '@bhatti/rfb/pixel-format.ts';
import { isEmptyRegion, rectsOf, type Region, regionsEqual } from '@bhatti/rfb/region.ts';
import type { Frame } from '../source/frame.ts';
import type { FrameChange } from '../update/move.ts';
import { type VideoArea, VideoChooser } from './choose.ts';
import type { EncodedRect, EncodeJob, EncodeMode, FramebufferRef } from './encode-job.ts';
import type { EncodePool } from './pool.ts';
import { type VideoSeat, VideoStreams } from './video-streams.ts';

/** How a viewer wants its pixels. Viewers with equal wishes are of one quality class. */
export interface EncodeWish {
  readonly encoding: EncodeJob['encoding'];
  readonly format: PixelFormat;
  readonly mode: EncodeMode;
}

type FrameEncoderPool = Pick<EncodePool, 'encode' | 'video' | 'endVideo'>;

interface SharedRects {
  readonly region: Region;
  readonly wish: EncodeWish;
  readonly rects: Promise<EncodedRect[]>;
}

const maxShared = 8; // classes and regions of one frame; each keeps its bytes until the next frame

/** Makes rects of frames for all viewers of one desktop. Frames are held while they are read. */
export class FrameEncoder {
  readonly #pool: FrameEncoderPool;
  readonly #streams: VideoStreams;
  readonly #nowMs: () => number;
  /** What was encoded of the newest frame that anything was encoded of. */
  #shared: SharedRects[] = [];
  #sharedSerial = 0;
  #size = { width: 0, height: 0 };
  #chooser = new VideoChooser(this.#size);

  constructor(pool: FrameEncoderPool, nowMs: () => number = () => performance.now()) {
    this.#pool = pool;
    this.#nowMs = nowMs;
    this.#streams = new VideoStreams(pool, () => this.#chooser.spareProcessor(nowMs()));
  }

  /** There is a new frame. */
  noteFrame({ width, height }: Pick<Frame, 'width' | 'height'>, change: FrameChange): void {
    if (width !== this.#size.width || height !== this.#size.height) {
      this.#size = { width, height };
      this.#chooser = new VideoChooser(this.#size, this.#chooser.nextId);
    }
    this.#chooser.noteFrame(change, this.#nowMs());
  }

  /** What is better sent as video now, to viewers who can take it. */
  videoAreas(): readonly VideoArea[] {
    return this.#streams.isMissing ? [] : this.#chooser.areas(this.#nowMs());
  }

  openVideoSeat(): VideoSeat {
    return this.#streams.openSeat();
  }

  /** The rects that show this part of the frame. Viewers of one quality class who lack the same get the same rects, which are encoded once. */
  async encode(frame: Frame, region: Region, wish: EncodeWish): Promise<EncodedRect[]> {
    if (isEmptyRegion(region)) return [];
    if (frame.serial !== this.#sharedSerial) {
      this.#shared = [];
      this.#sharedSerial = frame.serial;
    }
    const known = this.#shared.find((each) => wishesEqual(each.wish, wish) && regionsEqual(each.region, region));
    if (known !== undefined) return known.rects;
    const rects = this.#encodeNow(frame, region, wish);
    // One that failed is tried again by whoever comes next.
    rects.catch(() => (this.#shared = this.#shared.filter((each) => each.rects !== rects)));
    this.#shared.push({ region, wish, rects });
    if (this.#shared.length > maxShared) this.#shared.shift();
    return rects;
  }

  async #encodeNow(frame: Frame, region: Region, wish: EncodeWish): Promise<EncodedRect[]> {
    const job = { framebuffer: framebufferOf(frame), rects: rectsOf(region), ...wish };
    const encoded = await holding(frame, () => this.#pool.encode(job));
    if (wish.mode.kind === 'lossy') this.#chooser.noteEncoded(encoded);
    return encoded;
  }

  /** The rect that shows this area as video; undefined when it has to be sent otherwise. */
  show(
    seat: VideoSeat,
    area: VideoArea,
    wish: { readonly frame: Frame; readonly bitsPerSecond: number },
  ): Promise<EncodedRect | undefined> {
    const { frame, bitsPerSecond } = wish;
    return holding(frame, () =>
      seat.show(area, { serial: frame.serial, framebuffer: framebufferOf(frame) }, bitsPerSecond),
    );
  }
}

function wishesEqual(a: EncodeWish, b: EncodeWish): boolean {
  return a.encoding === b.encoding && modesEqual(a.mode, b.mode) && pixelFormatsEqual(a.format, b.format);
}

function modesEqual(a: EncodeMode, b: EncodeMode): boolean {
  if (a.kind === 'lossless' || b.kind === 'lossless') return a.kind === b.kind;
  return a.quality === b.quality && a.subsampling === b.subsampling;
}

async function holding<T>(frame: Frame, work: () => Promise<T>): Promise<T> {
  frame.retain();
  try {
    return await work();
  } finally {
    frame.release();
  }
}

export function framebufferOf(frame: Frame): FramebufferRef {
  return {
    segmentId: frame.segment.id,
    offsetBytes: 0,
    widthPx: frame.width,
    heightPx: frame.height,
    strideBytes: frame.strideBytes,
    format: frame.format,
  };
}
