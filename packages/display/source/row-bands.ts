import type { Region } from '@bhatti/rfb/region.ts';

export interface RowBand {
  readonly y: number;
  readonly height: number;
}

const mergeGapRows = 24; // copying this many rows costs less than one more request to the X server
const maxBands = 6;

/**
 * The rows that hold a region, as few bands as make sense. MIT-SHM writes an image without gaps between its rows, so only whole rows of the screen land where they belong in a segment that has the
 * shape of the screen.
 */
export function rowBandsOf(region: Region): RowBand[] {
  const bands: { y: number; height: number }[] = [];
  for (const { top, bottom } of region.bands) {
    const last = bands.at(-1);
    if (last !== undefined && (top - (last.y + last.height) <= mergeGapRows || bands.length === maxBands)) {
      last.height = bottom - last.y;
    } else {
      bands.push({ y: top, height: bottom - top });
    }
  }
  return bands;
}
