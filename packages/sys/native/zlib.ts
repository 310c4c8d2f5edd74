import { CodedError } from '@bhatti/base/errors.ts';
import { lazyLibrary } from './library.ts';
import { allocateNative, openNativeScratch } from './memory.ts';

// zlib 1.2.13 (zlib.h): for streams that go on from message to message, which libdeflate cannot make.
const zlib = lazyLibrary(['libz.so.1'], {
  deflateInit2_: { args: ['u64', 'i32', 'i32', 'i32', 'i32', 'i32', 'cstring', 'i32'], returns: 'i32' },
  deflate: { args: ['u64', 'i32'], returns: 'i32' },
  deflateReset: { args: ['u64'], returns: 'i32' },
  deflateEnd: { args: ['u64'], returns: 'i32' },
  deflateBound: { args: ['u64', 'u64'], returns: 'u64' },
  inflateInit2_: { args: ['u64', 'i32', 'cstring', 'i32'], returns: 'i32' },
  inflate: { args: ['u64', 'i32'], returns: 'i32' },
  inflateReset: { args: ['u64'], returns: 'i32' },
  inflateEnd: { args: ['u64'], returns: 'i32' },
});

const Z_SYNC_FLUSH = 2;
const Z_OK = 0;
const Z_STREAM_END = 1;
const Z_BUF_ERROR = -5;
const Z_DEFLATED = 8;
const Z_DEFAULT_STRATEGY = 0;
const windowBits = 15;
const memoryLevel = 8;
const streamBytes = 112; // sizeof(z_stream) where pointers and unsigned long have 64 bits
const zlibVersion = Buffer.from('1.2.11\0'); // the first digit is what zlib compares
// z_stream: next_in, avail_in, total_in, next_out, avail_out, …
const nextIn = 0;
const availIn = 8;
const nextOut = 24;
const availOut = 32;

export interface BlockDeflater extends Disposable {
  /**
   * `bytes` as deflate blocks without zlib header, not the last ones of a stream, that refer to nothing before them, ending at a byte's edge. So any
   * number of such results, one after the other, is one valid deflate stream. The result is a view that the next call overwrites.
   */
  deflateBlocks(bytes: Uint8Array): Uint8Array;
}

/** Level 1 to 9. One thread uses one. */
export function openBlockDeflater(level: number): BlockDeflater {
  const library = zlib();
  const stream = allocateNative(streamBytes);
  const view = new DataView(stream.bytes.buffer);
  const input = openNativeScratch();
  const output = openNativeScratch();
  const result = library.deflateInit2_(
    stream.address,
    level,
    Z_DEFLATED,
    -windowBits,
    memoryLevel,
    Z_DEFAULT_STRATEGY,
    zlibVersion,
    streamBytes,
  );
  if (result !== Z_OK) throw new RangeError(`zlib: deflateInit2 failed with ${result}`);
  return {
    deflateBlocks(bytes) {
      library.deflateReset(stream.address);
      const source = input.atLeast(bytes.length);
      source.bytes.set(bytes);
      // A flush adds an empty stored block of 5 bytes, and the bits that were pending before it.
      const target = output.atLeast(Number(library.deflateBound(stream.address, bytes.length)) + 16);
      point(view, { source: source.address, sourceBytes: bytes.length });
      view.setBigUint64(nextOut, BigInt(target.address), true);
      view.setUint32(availOut, target.bytes.length, true);
      const status = library.deflate(stream.address, Z_SYNC_FLUSH);
      if (status !== Z_OK) throw new RangeError(`zlib: deflate failed with ${status}`);
      return target.bytes.subarray(0, target.bytes.length - view.getUint32(availOut, true));
    },
    [Symbol.dispose]() {
      library.deflateEnd(stream.address);
      stream.free();
      input[Symbol.dispose]();
      output[Symbol.dispose]();
    },
  };
}

export interface Inflater extends Disposable {
  /** Goes on with the stream: what `bytes` add to it, at most `maxBytes`. Throws PROTOCOL_VIOLATION when it is broken. The result is the caller's. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer>;
  /** Forgets the stream: a new one begins. */
  reset(): void;
}

/** Reads a zlib stream (RFC 1950) that may go on from message to message. */
export function openInflater(): Inflater {
  const library = zlib();
  const stream = allocateNative(streamBytes);
  const view = new DataView(stream.bytes.buffer);
  const input = openNativeScratch();
  const output = openNativeScratch();
  const result = library.inflateInit2_(stream.address, windowBits, zlibVersion, streamBytes);
  if (result !== Z_OK) throw new RangeError(`zlib: inflateInit2 failed with ${result}`);
  return {
    inflate(bytes, maxBytes) {
      const source = input.atLeast(bytes.length);
      source.bytes.set(bytes);
      point(view, { source: source.address, sourceBytes: bytes.length });
      const done: Uint8Array<ArrayBuffer>[] = [];
      // In pieces, so that a claim of much data costs memory only as the data comes.
      for (let left = maxBytes; left > 0;) {
        const target = output.atLeast(Math.min(left, pieceBytes));
        const room = Math.min(left, target.bytes.length);
        view.setBigUint64(nextOut, BigInt(target.address), true);
        view.setUint32(availOut, room, true);
        const status = library.inflate(stream.address, Z_SYNC_FLUSH);
        if (status !== Z_OK && status !== Z_STREAM_END && status !== Z_BUF_ERROR) throw brokenStream(status);
        const written = room - view.getUint32(availOut, true);
        if (written > 0) done.push(target.bytes.slice(0, written));
        left -= written;
        if (written < room) break;
      }
      return new Uint8Array(Buffer.concat(done));
    },
    reset() {
      library.inflateReset(stream.address);
    },
    [Symbol.dispose]() {
      library.inflateEnd(stream.address);
      stream.free();
      input[Symbol.dispose]();
      output[Symbol.dispose]();
    },
  };
}

/** Opens one whole zlib stream and gives its first `maxBytes` bytes at most. Throws PROTOCOL_VIOLATION when it is none. */
export function inflateOnce(deflated: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  using inflater = openInflater();
  return inflater.inflate(deflated, maxBytes);
}

const pieceBytes = 1024 * 1024;

function point(view: DataView, to: { readonly source: number; readonly sourceBytes: number }): void {
  view.setBigUint64(nextIn, BigInt(to.source), true);
  view.setUint32(availIn, to.sourceBytes, true);
}

function brokenStream(status: number): CodedError<'PROTOCOL_VIOLATION'> {
  return new CodedError('PROTOCOL_VIOLATION', `cannot inflate: the stream is broken (zlib ${status})`, {
    peer: 'zlib',
  });
}
