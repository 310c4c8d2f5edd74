import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { describe, expect, test } from 'bun:test';
import { drawLabels } from './label-overlay.ts';

const margin = 7;

/** An area within a larger picture, whose pixels are all of one colour. */
function blankArea(width: number, height: number): PixelArea {
  const stride = width + 2 * margin;
  const words = new Int32Array(stride * (height + 2 * margin)).fill(0x808080);
  return { words, offset: margin * stride + margin, stride, width, height };
}

function rows({ words, offset, stride, width, height }: PixelArea): string[] {
  return Array.from({ length: height }, (_, y) => {
    const row = words.subarray(offset + y * stride, offset + y * stride + width);
    return [...row].map((word) => (word === 0x808080 ? '.' : word === 0xffffff ? '#' : '+')).join('');
  });
}

describe('labels', () => {
  test('a box is drawn around an element, and its number in the left top corner', () => {
    const area = blankArea(26, 20);
    drawLabels(area, [{ number: 14, bounds: { x: 1, y: 1, width: 24, height: 18 } }]);
    expect(rows(area).map((row) => row.slice(0, 21))).toEqual([
      '.....................',
      '.++++++++++++++++++++',
      '.++++++++++++++++++..',
      '.++++##++++##++##++..',
      '.++++##++++##++##++..',
      '.++####++++##++##++..',
      '.++####++++##++##++..',
      '.++++##++++######++..',
      '.++++##++++######++..',
      '.++++##++++++++##++..',
      '.++++##++++++++##++..',
      '.++######++++++##++..',
      '.++######++++++##++..',
      '.++++++++++++++++++..',
      '.++++++++++++++++++..',
      '.+...................',
      '.+...................',
      '.+...................',
      '.++++++++++++++++++++',
      '.....................',
    ]);
  });

  test('nothing is drawn outside of the area, wherever the element is', () => {
    const area = blankArea(30, 20);
    const far = 2_000_000_000;
    const places = [
      { x: -10, y: -10, width: 500, height: 500 },
      { x: 29, y: 19, width: 1, height: 1 },
      { x: -far, y: -far, width: far, height: far },
      { x: far, y: far, width: far, height: far },
    ];
    drawLabels(
      area,
      places.map((bounds, i) => ({ number: i + 998, bounds })),
    );
    const outside = area.words.filter((_, i) => {
      const x = (i % area.stride) - margin;
      const y = Math.floor(i / area.stride) - margin;
      return x < 0 || y < 0 || x >= area.width || y >= area.height;
    });
    expect(new Set(outside)).toEqual(new Set([0x808080]));
    expect(rows(area).join('')).toContain('#');
  });
});
