import { measure } from '@bhatti/base/measure.ts';

import { intersectRegions, regionOf, subtractRegions, unionRegions } from './region.ts';

// Glyph-sized damage all over a screen, as a scrolling terminal makes it, against the viewer's whole pending region.
const glyphs = Array.from({ length: 400 }, (_, i) => ({
  x: (i * 131) % 1264,
  y: (i * 37) % 704,
  width: 9,
  height: 18,
}));
const scattered = regionOf(...glyphs);
const shifted = regionOf(...glyphs.map((rect) => ({ ...rect, x: rect.x + 5, y: rect.y + 7 })));
const oneGlyph = regionOf({ x: 500, y: 300, width: 9, height: 18 });

console.log(JSON.stringify(measure('region-of-400-rects', 200, () => regionOf(...glyphs))));
console.log(JSON.stringify(measure('region-union-400-with-400', 200, () => unionRegions(scattered, shifted))));
console.log(JSON.stringify(measure('region-subtract-400-from-400', 200, () => subtractRegions(scattered, shifted))));
console.log(JSON.stringify(measure('region-union-400-with-1', 200, () => unionRegions(scattered, oneGlyph))));
console.log(JSON.stringify(measure('region-intersect-400-with-1', 200, () => intersectRegions(scattered, oneGlyph))));
