import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { expect, test } from 'bun:test';
import { abilitiesOf } from './abilities.ts';
import { encodeModeOf } from './picture-quality.ts';

const bounds = { minQuality: 3, maxQuality: 8 };
const { jpegQualityLevel0 } = PseudoEncoding;

test('the first encoding of a viewer’s list that is spoken here is taken, and raw when there is none', () => {
  expect(abilitiesOf([Encoding.copyRect, 5, Encoding.zrle, Encoding.tight]).encoding).toBe('zrle');
  expect(abilitiesOf([Encoding.raw, Encoding.tight]).encoding).toBe('raw');
  expect(abilitiesOf([5, 2]).encoding).toBe('raw');
});

test('of several pointer shapes the one with alpha is taken', () => {
  const { cursor, cursorWithAlpha, vmwareCursor } = PseudoEncoding;
  expect(abilitiesOf([cursor, cursorWithAlpha]).cursor).toBe('withAlpha');
  expect(abilitiesOf([cursor, vmwareCursor]).cursor).toBe('vmware');
  expect(abilitiesOf([]).cursor).toBeUndefined();
});

test('pictures lose something only where the viewer named a quality, which stays within bounds', () => {
  const modeOf = (encodings: number[], format = bgrx8888) => encodeModeOf(abilitiesOf(encodings), format, bounds);
  expect(modeOf([Encoding.tight])).toEqual({ kind: 'lossless' });
  expect(modeOf([Encoding.zrle, jpegQualityLevel0 + 5])).toEqual({ kind: 'lossless' });
  expect(modeOf([Encoding.tight, jpegQualityLevel0 + 5])).toEqual({ kind: 'lossy', quality: 77, subsampling: '4:2:2' });
  expect(modeOf([Encoding.tight, jpegQualityLevel0])).toEqual({ kind: 'lossy', quality: 42, subsampling: '4:2:2' });
  expect(modeOf([Encoding.tight, jpegQualityLevel0 + 9])).toMatchObject({ quality: 92, subsampling: '4:4:4' });
  expect(modeOf([Encoding.tight, jpegQualityLevel0 + 5], { ...bgrx8888, bitsPerPixel: 8 })).toEqual({
    kind: 'lossless',
  });
});
