import type { EncodedRect, EncodeJob, PictureJob, SegmentRef } from './encode-job.ts';
import { CodedError } from '@bhatti/base/errors.ts';

export interface EncodePoolOptions {
  /** Number of workers: KASM_THREADS. */
  readonly threads: number;
}

/** The threads that encode. They map the shared segments themselves; only jobs and results travel. */
export interface EncodePool extends AsyncDisposable {
  /** Makes a segment known; jobs may name it from now on. The owner may `remove` it once this returned and the X server has it too. */
  attach(segment: SegmentRef): void;
  /** Forgets a segment when the jobs that name it have ended. No new job may name it. */
  detach(segmentId: number): void;
  /** The rects of an update, in any order of place. Promises of `encode` settle in the order of the calls. Rejects with INTERNAL when a worker died of the job twice, ABORTED when the pool closes. */
  encode(job: EncodeJob): Promise<EncodedRect[]>;
  /** A picture file. Not ordered with respect to `encode`. */
  picture(job: PictureJob): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function openEncodePool(options: EncodePoolOptions): EncodePool {
  throw new CodedError('INTERNAL', `cannot open ${options.threads} encode workers: not yet`, {});
}
