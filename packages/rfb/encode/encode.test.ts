import { describe, expect, test } from 'bun:test';
import { constants, deflateRawSync, deflateSync, inflateSync } from 'node:zlib';

import { concatBytes } from '@bhatti/base/bytes.ts';
import fc from 'fast-check';

import { ByteWriter } from '../byte-writer.ts';
import { type InflateStream, openRectDecoder, type RectDecoder } from '../decode/decoder.ts';
import { createFramebuffer, type DecodedFramebuffer } from '../decode/framebuffer.ts';
import { bgrx8888, packPixel, type PixelFormat, rgb565, unpackPixel } from '../pixel-format.ts';
import type { Rect } from '../rect.ts';
import { readUpdateRect } from '../update-rect-reader.ts';
import { encodeCopyRect } from './copy-rect.ts';
import { convertPixels } from './pack-pixels.ts';
import { Palette } from './palette.ts';
import type { PixelArea } from './pixel-area.ts';
import { codeColour, type PixelCoding, rawCoding, tightCoding, zrleCoding } from './pixel-layout.ts';
import { writeRawRect } from './raw.ts';
import { writeTightFill, writeTightFullColour, writeTightJpeg, writeTightPalette } from './tight.ts';
import { beginZrleStream, writeZrleRect } from './zrle.ts';

const bigEndian888: PixelFormat = { ...bgrx8888, bigEndian: true };
const high888: PixelFormat = { ...bgrx8888, redShift: 24, greenShift: 16, blueShift: 8 };
const rgb332: PixelFormat = {
  ...bgrx8888,
  bitsPerPixel: 8,
  depth: 8,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 5,
  greenShift: 2,
  blueShift: 0,
};
const rgb101010: PixelFormat = {
  ...bgrx8888,
  depth: 30,
  redMax: 1023,
  greenMax: 1023,
  blueMax: 1023,
  redShift: 20,
  greenShift: 10,
};
const formats = [
  bgrx8888,
  bigEndian888,
  high888,
  { ...high888, bigEndian: true },
  rgb565,
  { ...rgb565, bigEndian: true },
  rgb332,
  rgb101010,
];

const deflate = (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes, { level: 1 }));
const deflateBlocks = (bytes: Uint8Array) =>
  new Uint8Array(deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_SYNC_FLUSH }));
const plain = (bytes: number) => new Uint8Array(bytes);
const noJpeg = () => {
  throw new Error('no JPEG was expected');
};

/** Pixels of any size with so many colours, in runs, in the midst of a larger framebuffer whose unused bytes hold rubbish. */
const pictureArbitrary = fc
  .record({
    width: fc.integer({ min: 1, max: 150 }),
    height: fc.integer({ min: 1, max: 80 }),
    colours: fc.constantFrom(1, 2, 3, 4, 5, 16, 17, 100, 256, 300, 5000),
    runLength: fc.constantFrom(1, 3, 20, 400),
    seed: fc.integer(),
  })
  .map(makePicture);

interface Picture {
  readonly area: PixelArea;
  readonly rect: Rect;
}

function makePicture(of: { width: number; height: number; colours: number; runLength: number; seed: number }): Picture {
  let state = of.seed | 1;
  const random = () => (state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x3779) >>> 4;
  const palette = Array.from({ length: of.colours }, () => random() & 0xffffff);
  const stride = of.width + 5;
  const words = new Int32Array(3 + stride * of.height);
  let colour = palette[0] ?? 0;
  for (let i = 0; i < words.length; i++) {
    if (random() % of.runLength === 0) colour = palette[random() % palette.length] ?? 0;
    words[i] = colour | (random() << 24);
  }
  const area = { words, offset: 3, stride, width: of.width, height: of.height };
  return { area, rect: { x: 7, y: 9, width: of.width, height: of.height } };
}

/** The area's words as values of the coding, as an encode worker prepares them. */
function coded(area: PixelArea, coding: PixelCoding): PixelArea {
  if (coding.tables === undefined) return area;
  const words = new Int32Array(area.width * area.height);
  convertPixels(area, coding.tables, words);
  return { words, offset: 0, stride: area.width, width: area.width, height: area.height };
}

/** What a client with this format can see of a colour. */
function seen(format: PixelFormat, rgb: number): number {
  return unpackPixel(format, packPixel(format, (rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff));
}

function decodeInto(
  framebuffer: DecodedFramebuffer,
  decoder: RectDecoder,
  bytes: Uint8Array,
  format: PixelFormat,
): void {
  const result = readUpdateRect(bytes, { format, maxRectBytes: 1e7 });
  expect(result?.length).toBe(bytes.length);
  const message = result?.message;
  if (typeof message !== 'object' || message.type !== 'pixels') throw new Error('no pixels were read');
  decoder.decode(framebuffer, message, format);
}

function expectSeen(framebuffer: DecodedFramebuffer, { area, rect }: Picture, format: PixelFormat): void {
  const wrong: string[] = [];
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      const is = framebuffer.words[(rect.y + y) * framebuffer.width + rect.x + x];
      const wanted = seen(format, area.words[area.offset + y * area.stride + x] ?? 0);
      if (is !== wanted) wrong.push(`${x},${y}: ${is} instead of ${wanted}`);
    }
  }
  expect(wrong.slice(0, 3)).toEqual([]);
}

/** Node inflates whole buffers only: everything since the last reset is inflated again, and what is new is given. */
function openTestInflateStream(): InflateStream {
  let bytes = new Uint8Array(0);
  let given = 0;
  return {
    inflate(more, maxBytes) {
      bytes = concatBytes([bytes, more]);
      const all = new Uint8Array(inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
      const fresh = all.subarray(given, given + maxBytes);
      given = all.length;
      return fresh;
    },
    reset() {
      bytes = new Uint8Array(0);
      given = 0;
    },
  };
}

const openDecoder = () => openRectDecoder({ openInflateStream: openTestInflateStream, decodeJpeg: noJpeg });
const screen = () => createFramebuffer(170, 100);

/** Whether the picture arrives, encoded by this function in every pixel format. */
function expectExact(encode: (writer: ByteWriter, picture: Picture, format: PixelFormat) => boolean): void {
  fc.assert(
    fc.property(pictureArbitrary, fc.constantFrom(...formats), (picture, format) => {
      const writer = new ByteWriter();
      if (!encode(writer, picture, format)) return;
      const framebuffer = screen();
      decodeInto(framebuffer, openDecoder(), writer.copy(), format);
      expectSeen(framebuffer, picture, format);
    }),
  );
}

describe('Raw', () => {
  test('decodes to the pixels that were encoded, in every format', () => {
    expectExact((writer, { area, rect }, format) => {
      const coding = rawCoding(format);
      writeRawRect(writer, { rect, area: coded(area, coding), layout: coding.layout });
      return true;
    });
  });
});

describe('Tight', () => {
  test('in full colour decodes to the pixels that were encoded, in every format', () => {
    expectExact((writer, { area, rect }, format) => {
      const coding = tightCoding(format);
      writeTightFullColour(writer, { rect, area: coded(area, coding), layout: coding.layout }, { deflate, plain });
      return true;
    });
  });

  test('by palette decodes to the pixels that were encoded, in every format', () => {
    expectExact((writer, { area, rect }, format) => {
      const coding = tightCoding(format);
      const palette = new Palette({ hasWholeWords: coding.layout.bytes === 4 });
      const values = coded(area, coding);
      if (!palette.addArea(values, 256) || palette.size < 2) return false;
      writeTightPalette(writer, { rect, area: values, layout: coding.layout, palette }, { deflate, plain });
      return true;
    });
  });

  test('as a fill decodes to its colour, in every format', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), fc.constantFrom(...formats), (rgb, format) => {
        const coding = tightCoding(format);
        const writer = new ByteWriter();
        const rect = { x: 7, y: 9, width: 20, height: 10 };
        writeTightFill(writer, rect, codeColour(coding, rgb), coding.layout);
        const framebuffer = screen();
        decodeInto(framebuffer, openDecoder(), writer.copy(), format);
        const area = { words: new Int32Array(200).fill(rgb), offset: 0, stride: 20, width: 20, height: 10 };
        expectSeen(framebuffer, { area, rect }, format);
      }),
    );
  });

  test('rects can be decoded in any order, since each resets its stream', () => {
    const pictures = [2, 9, 3000, 2, 40].map((colours, i) =>
      makePicture({ width: 60, height: 40, colours, runLength: 3, seed: i * 77 + 5 }),
    );
    const encoded = pictures.map(({ area, rect }) => {
      const palette = new Palette();
      const writer = new ByteWriter();
      const pixels = { rect, area, layout: tightCoding(bgrx8888).layout };
      if (palette.addArea(area, 256)) writeTightPalette(writer, { ...pixels, palette }, { deflate, plain });
      else writeTightFullColour(writer, pixels, { deflate, plain });
      return writer.copy();
    });
    const decoder = openDecoder();
    for (const i of [3, 1, 4, 2, 0, 2, 2]) {
      const framebuffer = screen();
      decodeInto(framebuffer, decoder, encoded[i] ?? new Uint8Array(0), bgrx8888);
      expectSeen(
        framebuffer,
        pictures[i] ?? makePicture({ width: 1, height: 1, colours: 1, runLength: 1, seed: 1 }),
        bgrx8888,
      );
    }
  });

  test('carries a JPEG of any length up to what its length field can say', () => {
    for (const length of [1, 127, 128, 16383, 16384, 100_000, 4_194_303]) {
      const jpeg = Uint8Array.from({ length }, (_, i) => i * 7);
      const writer = new ByteWriter();
      writeTightJpeg(writer, { x: 0, y: 0, width: 2, height: 1 }, jpeg);
      const decoder = openRectDecoder({
        openInflateStream: openTestInflateStream,
        decodeJpeg(data) {
          expect(Buffer.compare(data, jpeg)).toBe(0);
          return { width: 2, height: 1, bgrx: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0) };
        },
      });
      const framebuffer = screen();
      decodeInto(framebuffer, decoder, writer.copy(), bgrx8888);
      expect(Array.from(framebuffer.words.subarray(0, 3))).toEqual([0x030201, 0x060504, 0]);
    }
    const tooLong = () =>
      writeTightJpeg(new ByteWriter(), { x: 0, y: 0, width: 2, height: 1 }, new Uint8Array(4_194_304));
    expect(tooLong).toThrow(RangeError);
  });
});

describe('ZRLE', () => {
  const encode = (writer: ByteWriter, { area, rect }: Picture, format: PixelFormat) => {
    const coding = zrleCoding(format);
    const palette = new Palette({ hasWholeWords: coding.layout.bytes === 4 });
    writeZrleRect(
      writer,
      { rect, area: coded(area, coding), layout: coding.layout },
      { deflateBlocks, plain, palette },
    );
  };

  test('decodes to the pixels that were encoded, in every format', () => {
    fc.assert(
      fc.property(pictureArbitrary, fc.constantFrom(...formats), (picture, format) => {
        const writer = new ByteWriter();
        encode(writer, picture, format);
        const framebuffer = screen();
        decodeInto(framebuffer, openDecoder(), beginZrleStream(writer.copy()), format);
        expectSeen(framebuffer, picture, format);
      }),
    );
  });

  test('rects encoded apart make one stream, whichever comes first', () => {
    const pictures = [2, 9, 3000, 1, 40].map((colours, i) =>
      makePicture({ width: 130, height: 70, colours, runLength: 3, seed: i * 77 + 5 }),
    );
    const encoded = pictures.map((picture) => {
      const writer = new ByteWriter();
      encode(writer, picture, bgrx8888);
      return writer.copy();
    });
    const decoder = openDecoder();
    [3, 1, 4, 2, 0, 1].forEach((index, turn) => {
      const framebuffer = screen();
      const bytes = encoded[index] ?? new Uint8Array(0);
      decodeInto(framebuffer, decoder, turn === 0 ? beginZrleStream(bytes) : bytes, bgrx8888);
      expectSeen(
        framebuffer,
        pictures[index] ?? makePicture({ width: 1, height: 1, colours: 1, runLength: 1, seed: 1 }),
        bgrx8888,
      );
    });
  });
});

describe('CopyRect', () => {
  test('moves pixels, overlapping or not', () => {
    const place = fc.record({ x: fc.nat(90), y: fc.nat(50) });
    fc.assert(
      fc.property(place, place, (from, to) => {
        const framebuffer = screen();
        framebuffer.words.forEach((_, i) => (framebuffer.words[i] = i));
        const rect = { ...to, width: 70, height: 40 };
        decodeInto(framebuffer, openDecoder(), encodeCopyRect(rect, from), bgrx8888);
        const expected = Array.from({ length: 170 * 100 }, (_, i) => {
          const [x, y] = [i % 170, Math.floor(i / 170)];
          const isInside = x >= to.x && x < to.x + 70 && y >= to.y && y < to.y + 40;
          return isInside ? (y - to.y + from.y) * 170 + (x - to.x + from.x) : i;
        });
        expect(Array.from(framebuffer.words)).toEqual(expected);
      }),
    );
  });
});
