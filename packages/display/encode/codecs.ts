import { crc32 as nodeCrc32, deflateSync } from 'node:zlib';

import { crc32, type Deflater, openDeflater } from '@bhatti/sys/native/deflate.ts';
import { type JpegCompressor, openJpegCompressor } from '@bhatti/sys/native/turbojpeg.ts';
import { type BlockDeflater, openBlockDeflater } from '@bhatti/sys/native/zlib.ts';

/** The native codecs of one thread, each opened at its first use. */
export interface Codecs extends Disposable {
  /** A whole zlib stream, fast. The result is a view that the next call overwrites. */
  deflate(bytes: Uint8Array): Uint8Array;
  /** Deflate blocks that refer to nothing before them and end at a byte's edge. The result is a view that the next call overwrites. */
  deflateBlocks(bytes: Uint8Array): Uint8Array;
  /** As PNG uses it. */
  crc32(bytes: Uint8Array): number;
  /** Undefined where libturbojpeg is not installed: pictures are then sent exactly, which is correct and larger. */
  jpeg(): JpegCompressor | undefined;
}

// Level 1 costs a third of zlib's time at its own level 1 and compresses a desktop slightly better.
const deflateLevel = 1;

export function openCodecs(): Codecs {
  let deflater: Deflater | undefined;
  let blockDeflater: BlockDeflater | undefined;
  let jpeg: JpegCompressor | 'missing' | undefined;
  return {
    deflate(bytes) {
      deflater ??= openDeflaterOrZlib();
      return deflater.deflate(bytes);
    },
    deflateBlocks(bytes) {
      blockDeflater ??= openBlockDeflater(deflateLevel);
      return blockDeflater.deflateBlocks(bytes);
    },
    crc32(bytes) {
      return tryOpen(() => crc32(bytes)) ?? nodeCrc32(bytes);
    },
    jpeg() {
      jpeg ??= tryOpen(openJpegCompressor) ?? 'missing';
      return jpeg === 'missing' ? undefined : jpeg;
    },
    [Symbol.dispose]() {
      deflater?.[Symbol.dispose]();
      blockDeflater?.[Symbol.dispose]();
      if (jpeg !== 'missing') jpeg?.[Symbol.dispose]();
    },
  };
}

function openDeflaterOrZlib(): Deflater {
  return (
    tryOpen(() => openDeflater(deflateLevel)) ?? {
      deflate: (bytes) => deflateSync(bytes, { level: deflateLevel }),
      [Symbol.dispose]() {},
    }
  );
}

function tryOpen<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined; // expected: the library is not installed, and the caller has another way
  }
}
