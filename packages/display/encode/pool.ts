import { CodedError } from '@bhatti/base/errors.ts';
import { rectArea } from '@bhatti/rfb/rect.ts';
import { workerScript } from '@bhatti/sys/worker/script.ts';

import { type Codecs, openCodecs } from './codecs.ts';
import { Crew, type CrewReply } from './crew.ts';
import type {
  EncodedRect,
  EncodeJob,
  FramebufferRef,
  PictureJob,
  SegmentRef,
  VideoJob,
  VideoPicture,
} from './encode-job.ts';
import { openRectEncoder, type RectEncoder } from './encode-rects.ts';
import { openSegmentPixels, type SegmentPixels } from './segment-pixels.ts';
import { splitRects } from './split-job.ts';

export interface EncodePoolOptions {
  /** Number of workers: KASM_THREADS, at least 1. */
  readonly threads: number;
  /** The script of a thread; ours without it. */
  readonly worker?: string;
}

/** The threads that encode. They map the shared segments themselves; only jobs and results travel. */
export interface EncodePool extends AsyncDisposable {
  /** Makes a segment known; jobs may name it from now on. Its owner keeps it mapped until `detach`. */
  attach(segment: SegmentRef): void;
  /** Forgets a segment when the jobs that name it have ended. No new job may name it. */
  detach(segmentId: number): void;
  /**
   * The rects of an update, those of one asked rect in any cut. What is small is encoded at once, in the calling thread. Rejects with INVALID_ARGUMENT for a segment that is not
   * attached and a framebuffer that leaves it, INTERNAL when workers died of the job twice, ABORTED when the pool closes.
   */
  encode(job: EncodeJob): Promise<EncodedRect[]>;
  /** A picture file. Rejects as `encode` does, with INVALID_ARGUMENT also for a part or size without pixels, TOOL_MISSING without the format's library. */
  picture(job: PictureJob): Promise<Uint8Array>;
  /**
   * The next picture of a video stream; call it again when the promise has settled. Rejects as `encode` does, with TOOL_MISSING without the libraries. A picture that is a key
   * picture without having been asked for says that the encoder is a new one.
   */
  video(job: VideoJob): Promise<VideoPicture>;
  endVideo(streamId: number): void;
  /** Starts the threads for work that is about to come; they start by themselves when it is there. Says, once, what cannot be done here. */
  prepare(): void;
  /** Ends threads that have nothing to do; resolves when they have ended. */
  rest(): Promise<void>;
  /** Resolves when all threads have ended. */
  close(): Promise<void>;
}

interface KnownSegment {
  readonly segment: SegmentRef;
  jobs: number;
  isLeaving: boolean;
}

// A message to a thread and back costs 0.3 ms of processor and waits where the threads are busy, which is what 64 Ki pixels cost as a picture; as exact text they cost 0.5 ms (`encode-rects.bench.ts`). Most
// updates are smaller: a letter, a menu, the new rows of a page that scrolls.
const maxInlinePixels = 64 * 1024;

export function openEncodePool(options: EncodePoolOptions): EncodePool {
  const threads = Math.max(1, options.threads);
  const worker = options.worker ?? workerScript('packages/display/encode/encode.worker.ts');
  const crew = new Crew({ threads, worker });
  const here = openInlineEncoder();
  const segments = new Map<number, KnownSegment>();
  let isClosed = false;
  let isPrepared = false;

  function attach({ id, bytes }: SegmentRef): void {
    // Callers may hand in more than the type says, which could not be sent to another thread.
    const segment = { id, bytes };
    segments.set(segment.id, { segment, jobs: 0, isLeaving: false });
    here.attach(segment);
    crew.attach(segment);
  }

  function detach(segmentId: number): void {
    const known = segments.get(segmentId);
    if (known === undefined) return;
    known.isLeaving = true;
    if (known.jobs === 0) forget(known);
  }

  function forget({ segment }: KnownSegment): void {
    segments.delete(segment.id);
    here.detach(segment.id);
    crew.detach(segment.id);
  }

  async function withSegment<T>({ segmentId }: FramebufferRef, work: () => Promise<T>): Promise<T> {
    const known = segments.get(segmentId);
    if (known === undefined || known.isLeaving) throw unknownSegment(segmentId);
    known.jobs++;
    try {
      return await work();
    } finally {
      known.jobs--;
      if (known.jobs === 0 && known.isLeaving) forget(known);
    }
  }

  async function encodeParts(job: EncodeJob): Promise<EncodedRect[]> {
    if (isClosed) throw new CodedError('ABORTED', 'cannot encode: the pool is closed', { by: 'close' });
    if (job.rects.reduce((sum, rect) => sum + rectArea(rect), 0) <= maxInlinePixels) return here.encode(job);
    const parts = splitRects(job.framebuffer, job.rects, threads);
    const replies = await Promise.all(parts.map((rects) => crew.run({ kind: 'encode', job: { ...job, rects } })));
    return replies.flatMap(rectsOfReply);
  }

  async function takePicture(job: PictureJob): Promise<Uint8Array> {
    const reply = await crew.run({ kind: 'picture', job });
    if (reply.kind !== 'picture') throw wrongReply(reply);
    return reply.bytes;
  }

  async function takeVideo(job: VideoJob): Promise<VideoPicture> {
    const reply = await crew.run({ kind: 'video', job });
    if (reply.kind !== 'video') throw wrongReply(reply);
    return reply.picture;
  }

  async function close(): Promise<void> {
    isClosed = true;
    here[Symbol.dispose]();
    await crew.dismiss();
  }

  return {
    attach,
    detach,
    video: (job) => withSegment(job.framebuffer, () => takeVideo(job)),
    endVideo: (streamId) => crew.endStream(streamId),
    encode: (job) => withSegment(job.framebuffer, () => encodeParts(job)),
    picture: (job) => withSegment(job.framebuffer, () => takePicture(job)),
    prepare() {
      if (!isPrepared && !here.hasJpeg())
        console.error('warning: libturbojpeg.so.0 is not installed; pictures are sent exactly, which takes more bytes');
      isPrepared = true;
      crew.prepare();
    },
    rest: () => crew.rest(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The encoder of the calling thread, with what it needs opened at its first use. */
function openInlineEncoder() {
  const known = new Map<number, SegmentRef>();
  let opened: { readonly segments: SegmentPixels; readonly codecs: Codecs; readonly encoder: RectEncoder } | undefined;
  const stack = new DisposableStack();
  function open() {
    const segments = stack.use(openSegmentPixels());
    const codecs = stack.use(openCodecs());
    const encoder = stack.use(openRectEncoder(segments, codecs));
    for (const segment of known.values()) segments.attach(segment);
    return { segments, codecs, encoder };
  }
  return {
    attach(segment: SegmentRef): void {
      known.set(segment.id, segment);
      opened?.segments.attach(segment);
    },
    detach(segmentId: number): void {
      known.delete(segmentId);
      opened?.segments.detach(segmentId);
    },
    encode: (job: EncodeJob) => (opened ??= open()).encoder.encode(job),
    hasJpeg: () => (opened ??= open()).codecs.jpeg() !== undefined,
    [Symbol.dispose]: () => stack.dispose(),
  };
}

function rectsOfReply(reply: CrewReply): readonly EncodedRect[] {
  if (reply.kind !== 'encoded') throw wrongReply(reply);
  return reply.rects;
}

function wrongReply(reply: CrewReply): CodedError<'INTERNAL'> {
  return new CodedError('INTERNAL', `cannot encode: a worker answered with "${reply.kind}"`, {});
}

function unknownSegment(id: number): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot encode: segment ${id} is not attached`, { argument: 'segmentId' });
}
