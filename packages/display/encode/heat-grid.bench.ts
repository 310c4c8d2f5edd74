import { measure } from '@bhatti/base/measure.ts';
import { regionOf } from '@bhatti/rfb/region.ts';

import { HeatGrid } from './heat-grid.ts';

// A film over the whole screen: each frame changes every cell, and every third is looked at.
for (const [size, width, height] of [
  ['720p', 1280, 720],
  ['4k', 3840, 2160],
] as const) {
  const grid = new HeatGrid(width, height);
  const whole = regionOf({ x: 0, y: 0, width, height });
  let nowMs = 0;
  console.log(JSON.stringify(measure(`heat-add-${size}`, 200, () => grid.add(whole, (nowMs += 16)))));
  console.log(JSON.stringify(measure(`heat-groups-${size}`, 100, () => grid.groups(3.5, nowMs))));
}
