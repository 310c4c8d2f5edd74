import type { Deflate, Inflate } from '@bhatti/rfb/clipboard.ts';
import { violation } from '@bhatti/rfb/violation.ts';
import { constants, deflateSync, inflateSync } from 'node:zlib';

/** Viewers end the stream by a flush and not by its end, so a stream that only stops is whole. */
export const inflateClipboard: Inflate = (deflated, maxBytes) => {
  try {
    return inflateSync(deflated, { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw violation(`extended clipboard: ${error instanceof Error ? error.message : 'no zlib stream'}`);
  }
};

export const deflateClipboard: Deflate = (bytes) => deflateSync(bytes);
