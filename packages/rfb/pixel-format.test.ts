import { describe, expect, test } from 'bun:test';

import fc from 'fast-check';

import {
  bgrx8888,
  decodePixelFormat,
  encodePixelFormat,
  isRgb888,
  packPixel,
  type PixelFormat,
  rgb565,
  unpackPixel,
} from './pixel-format.ts';

const rgb332: PixelFormat = {
  bitsPerPixel: 8,
  depth: 8,
  bigEndian: false,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 0,
  greenShift: 3,
  blueShift: 6,
};
const formats = [
  bgrx8888,
  rgb565,
  rgb332,
  { ...bgrx8888, bigEndian: true, redShift: 24, greenShift: 16, blueShift: 8 },
];

describe('a pixel format', () => {
  test('reads back as it was written', () => {
    for (const format of formats) expect(decodePixelFormat(encodePixelFormat(format))).toEqual(format);
  });

  test('is 888 only with 8 bits a colour in 32', () => {
    expect(formats.map(isRgb888)).toEqual([true, false, false, true]);
  });

  test('gives every one of its own pixels back exactly after a trip through 8 bits a colour', () => {
    fc.assert(
      fc.property(fc.constantFrom(...formats), fc.nat(0xffff_ffff), (format, random) => {
        const mask =
          (format.redMax << format.redShift) |
          (format.greenMax << format.greenShift) |
          (format.blueMax << format.blueShift);
        const pixel = (random & mask) >>> 0;
        const rgb = unpackPixel(format, pixel);
        expect(packPixel(format, rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff)).toBe(pixel);
      }),
    );
  });

  test('keeps black black and white white', () => {
    for (const format of formats) {
      expect(unpackPixel(format, packPixel(format, 0, 0, 0))).toBe(0);
      expect(unpackPixel(format, packPixel(format, 255, 255, 255))).toBe(0xffffff);
    }
  });

  const broken: [string, Partial<Record<keyof PixelFormat, number>>][] = [
    ['24 bits per pixel', { bitsPerPixel: 24 }],
    ['a depth above its bits', { depth: 33 }],
    ['a depth of 0', { depth: 0 }],
    ['a maximum that is no row of ones', { redMax: 254 }],
    ['a maximum of 0', { greenMax: 0 }],
    ['a colour beyond its bits', { redShift: 30 }],
    ['a shift of 255', { blueShift: 255 }],
    ['colours that overlap', { redShift: 8 }],
  ];
  for (const [what, change] of broken) {
    test(`with ${what} is refused`, () => {
      // SAFETY: the point is to write a format that the type forbids.
      const bytes = encodePixelFormat({ ...bgrx8888, ...change } as unknown as PixelFormat);
      expect(() => decodePixelFormat(bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
    });
  }

  test('with a colour map is refused', () => {
    const bytes = encodePixelFormat(bgrx8888);
    bytes[3] = 0;
    expect(() => decodePixelFormat(bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
  });
});
