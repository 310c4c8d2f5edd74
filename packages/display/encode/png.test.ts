import { describe, expect, test } from 'bun:test';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import fc from 'fast-check';

import { encodePng } from './png.ts';
import { sampleDesktop } from './sample-desktop.ts';

const tools = {
  deflate: (bytes: Uint8Array) => deflateSync(bytes),
  crc32: (bytes: Uint8Array) => crc32(bytes),
  plain: (bytes: number) => new Uint8Array(bytes),
};

/** A reader of its own for the two kinds of PNG that are written: checksums, sizes, filters None and Sub. */
function decodePng(file: Uint8Array): { width: number; height: number; colourType: number; rgb: number[] } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect(Array.from(file.subarray(0, 8))).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = new Map<string, Uint8Array>();
  let at = 8;
  while (at < file.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    expect(view.getUint32(at + 8 + length)).toBe(crc32(file.subarray(at + 4, at + 8 + length)));
    chunks.set(type, file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect(at).toBe(file.length);
  expect([...chunks.keys()].at(-1)).toBe('IEND');
  const header = chunks.get('IHDR') ?? new Uint8Array(13);
  const headerView = new DataView(header.buffer, header.byteOffset, 13);
  const width = headerView.getUint32(0);
  const height = headerView.getUint32(4);
  const colourType = header[9] ?? -1;
  expect(Array.from(header.subarray(8))).toEqual([8, colourType, 0, 0, 0]);
  const samples = colourType === 2 ? 3 : 1;
  const rows = unfilter(inflateSync(chunks.get('IDAT') ?? new Uint8Array(0)), width * samples, samples);
  const palette = chunks.get('PLTE');
  const colourAt = (bytes: ArrayLike<number>, i: number) =>
    ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
  const rgb = Array.from({ length: width * height }, (_, i) =>
    palette === undefined ? colourAt(rows, i * 3) : colourAt(palette, (rows[i] ?? 0) * 3),
  );
  return { width, height, colourType, rgb };
}

function unfilter(data: Uint8Array, rowBytes: number, samples: number): number[] {
  const rows: number[] = [];
  for (let at = 0; at < data.length; at += rowBytes + 1) {
    const filter = data[at] ?? -1;
    expect([0, 1]).toContain(filter);
    const start = rows.length;
    for (let i = 0; i < rowBytes; i++) {
      const left = filter === 1 && i >= samples ? (rows[start + i - samples] ?? 0) : 0;
      rows.push(((data[at + 1 + i] ?? 0) + left) & 0xff);
    }
  }
  return rows;
}

function expectExact(area: PixelArea): number {
  const { width, height, colourType, rgb } = decodePng(encodePng(area, tools));
  expect([width, height]).toEqual([area.width, area.height]);
  const wrong = rgb.filter((colour, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return colour !== ((area.words[area.offset + y * area.stride + x] ?? 0) & 0xffffff);
  });
  expect(wrong.length).toBe(0);
  return colourType;
}

describe('a PNG', () => {
  test('holds exactly the pixels that it was made of, whatever their number of colours', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom(1, 2, 16, 256, 257, 100_000),
        fc.nat(),
        (width, height, colours, seed) => {
          const stride = width + 3;
          const words = Int32Array.from(
            { length: stride * height + 2 },
            (_, i) => ((Math.imul(i + seed, 0x9e3779b1) >>> 4) % colours) | (i << 24),
          );
          expectExact({ words, offset: 2, stride, width, height });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of few colours is by palette, of many is not', () => {
    const few = Int32Array.from({ length: 400 }, (_, i) => i % 256);
    const many = Int32Array.from({ length: 400 }, (_, i) => i);
    const of = (words: Int32Array) => expectExact({ words, offset: 0, stride: 20, width: 20, height: 20 });
    expect([of(few), of(many)]).toEqual([3, 2]);
  });

  test('of a desktop with a photograph is exact', () => {
    expect(expectExact(sampleDesktop(320, 180))).toBe(2);
  });
});
