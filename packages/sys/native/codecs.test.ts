import { describe, expect, test } from 'bun:test';
import { constants, crc32 as nodeCrc32, inflateRawSync, inflateSync, deflateSync } from 'node:zlib';

import fc from 'fast-check';

import { crc32, openDeflater } from './deflate.ts';
import { allocateNative, openNativeScratch } from './memory.ts';
import { decompressJpeg, openJpegCompressor } from './turbojpeg.ts';
import { compressWebp } from './webp.ts';
import { inflateOnce, openBlockDeflater, openInflater } from './zlib.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.tuple(fc.nat(255), fc.nat(200_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
);
const concat = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** Whether two arrays are the same, without printing megabytes when they are not. */
function expectSame(a: Uint8Array, b: Uint8Array): void {
  expect(Buffer.compare(a, b)).toBe(0);
}

describe('native memory', () => {
  test('is empty once it is freed', () => {
    const memory = allocateNative(100);
    expect(memory.bytes.every((byte) => byte === 0)).toBe(true);
    memory.free();
    memory.free();
    expect(memory.bytes.length).toBe(0);
  });

  test('as scratch grows, and stays where it is when it is large enough', () => {
    using scratch = openNativeScratch();
    const first = scratch.atLeast(1000);
    expect(scratch.atLeast(10).address).toBe(first.address);
    expect(scratch.atLeast(5000).bytes.length).toBeGreaterThanOrEqual(5000);
    expect(first.bytes.length).toBe(0);
  });
});

describe('deflate', () => {
  test('makes zlib streams that others open', () => {
    using deflater = openDeflater(1);
    fc.assert(fc.property(bytes, (plain) => expectSame(inflateSync(deflater.deflate(plain)), plain)));
  });

  test('has the checksum of PNG and gzip', () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => expect(crc32(b, crc32(a))).toBe(nodeCrc32(concat(a, b)))));
  });
});

describe('deflate blocks', () => {
  test('make one stream in any order and number', () => {
    using deflater = openBlockDeflater(1);
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (parts) => {
        const blocks = parts.map((part) => deflater.deflateBlocks(part).slice());
        const order = [...parts.keys(), ...parts.keys()].toReversed();
        const stream = concat(...order.map((i) => blocks[i] ?? new Uint8Array(0)));
        const whole = inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
        expectSame(whole, concat(...order.map((i) => parts[i] ?? new Uint8Array(0))));
      }),
      { numRuns: 30 },
    );
  });
});

describe('an inflater', () => {
  test('goes on with a stream from piece to piece', () => {
    using deflater = openBlockDeflater(6);
    using inflater = openInflater();
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (parts) => {
        inflater.reset();
        parts.forEach((part, i) => {
          const blocks = deflater.deflateBlocks(part);
          const piece = i === 0 ? concat(Uint8Array.of(0x78, 0x01), blocks) : blocks;
          expectSame(inflater.inflate(piece, part.length + 10), part);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('gives no more than was asked for', () => {
    const plain = new Uint8Array(3_000_000).fill(9);
    expect(inflateOnce(deflateSync(plain), 2_500_000).length).toBe(2_500_000);
  });

  test('refuses what is no stream', () => {
    expect(() => inflateOnce(new Uint8Array(40).fill(3), 100)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
  });
});

describe('pictures', () => {
  const widthPx = 60;
  const heightPx = 40;
  const strideBytes = 256;

  /** A red square on blue, in memory that ends with its last pixel. */
  function square() {
    const memory = allocateNative(strideBytes * (heightPx - 1) + widthPx * 4);
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const isRed = x >= 16 && x < 48 && y >= 8 && y < 32;
        memory.bytes.set(isRed ? [0, 0, 250, 77] : [250, 0, 0, 77], y * strideBytes + x * 4);
      }
    }
    return { memory, pixels: { address: memory.address, widthPx, heightPx, strideBytes } };
  }

  test('as JPEG are read back in their colours and places', () => {
    const { memory, pixels } = square();
    using compressor = openJpegCompressor();
    for (const subsampling of ['4:4:4', '4:2:2', '4:2:0'] as const) {
      const jpeg = compressor.compress(pixels, { quality: 95, subsampling });
      const picture = decompressJpeg(jpeg, 10_000);
      expect([picture.widthPx, picture.heightPx]).toEqual([widthPx, heightPx]);
      const at = (x: number, y: number) =>
        Array.from(picture.bgrx.subarray((y * widthPx + x) * 4, (y * widthPx + x) * 4 + 3));
      for (const [place, wanted] of [
        [at(2, 2), [250, 0, 0]],
        [at(32, 20), [0, 0, 250]],
      ] as const) {
        expect(Math.max(...place.map((value, i) => Math.abs(value - (wanted[i] ?? 0))))).toBeLessThan(12);
      }
    }
    memory.free();
  });

  test('as JPEG of no JPEG, or of too many pixels, are refused', () => {
    const { memory, pixels } = square();
    using compressor = openJpegCompressor();
    const jpeg = compressor.compress(pixels, { quality: 50, subsampling: '4:2:0' });
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => decompressJpeg(jpeg, widthPx * heightPx - 1)).toThrow(refused);
    expect(() => decompressJpeg(new Uint8Array(100), 10_000)).toThrow(refused);
    memory.free();
  });

  test('as WebP are files of their kind and size', () => {
    const { memory, pixels } = square();
    const file = compressWebp(pixels, 80);
    const text = new TextDecoder('latin1').decode(file.subarray(0, 16));
    expect([text.slice(0, 4), text.slice(8, 15)]).toEqual(['RIFF', 'WEBPVP8']);
    // RFC 6386 §9.1: width and height of a key frame, after the frame tag and the start code.
    const view = new DataView(file.buffer, file.byteOffset + 26);
    expect([view.getUint16(0, true) & 0x3fff, view.getUint16(2, true) & 0x3fff]).toEqual([widthPx, heightPx]);
    expect(() => compressWebp({ ...pixels, widthPx: 20_000 }, 80)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    memory.free();
  });
});
