// Entry of an encode thread. It maps the shared segments itself, so that of the pixels nothing travels but what was made of them.
import { toCodedError } from '@bhatti/base/errors.ts';

import { openCodecs } from './codecs.ts';
import type { WorkerReply, WorkerRequest } from './encode-job.ts';
import { openRectEncoder } from './encode-rects.ts';
import { openPictureEncoder } from './picture.ts';
import { openSegmentPixels } from './segment-pixels.ts';
import { openVideoEncoders } from './video-encoders.ts';

interface ThreadScope {
  onmessage: (event: { readonly data: WorkerRequest }) => void;
  postMessage(reply: WorkerReply, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

// SAFETY: this file is only ever the entry of a Worker, whose global object is this; the types of the process's main thread are another's.
const thread = globalThis as unknown as ThreadScope;

const segments = openSegmentPixels();
const codecs = openCodecs();
const rects = openRectEncoder(segments, codecs);
const pictures = openPictureEncoder(segments, codecs);
const videos = openVideoEncoders(segments);

thread.onmessage = ({ data: request }) => {
  switch (request.kind) {
    case 'attach':
      return attach(request);
    case 'detach':
      return segments.detach(request.segmentId);
    case 'encode':
    case 'picture':
    case 'video':
      return run(request);
    case 'endVideo':
      return videos.end(request.streamId);
    case 'close':
      return close();
  }
};

function attach({ segment }: Extract<WorkerRequest, { kind: 'attach' }>): void {
  try {
    segments.attach(segment);
  } catch {
    // expected: the segment is gone already, since its owner resized again. Jobs that name it fail and say so.
  }
}

function run(request: Extract<WorkerRequest, { kind: 'encode' | 'picture' | 'video' }>): void {
  const { sequence } = request;
  try {
    if (request.kind === 'encode') {
      const encoded = rects.encode(request.job);
      // All rects share one buffer.
      const buffer = encoded[0]?.bytes.buffer;
      thread.postMessage({ kind: 'encoded', sequence, rects: encoded }, buffer === undefined ? [] : [buffer]);
    } else if (request.kind === 'video') {
      const picture = videos.encode(request.job);
      thread.postMessage(
        { kind: 'video', sequence, picture },
        picture.bytes === undefined ? [] : [picture.bytes.buffer],
      );
    } else {
      const bytes = pictures.encode(request.job);
      thread.postMessage({ kind: 'picture', sequence, bytes }, [bytes.buffer]);
    }
  } catch (error) {
    const { code, message, details } = toCodedError(error);
    thread.postMessage({ kind: 'failed', sequence, error: { code, message, details } }, []);
  }
}

// What a thread has mapped and allocated belongs to the process, and would outlive the thread.
function close(): void {
  for (const resource of [videos, pictures, rects, codecs, segments]) resource[Symbol.dispose]();
  thread.close();
}
