import { describe, expect, test } from 'bun:test';
import { deflateSync } from 'node:zlib';

import { hasCode } from '@bhatti/base/errors.ts';
import { createFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { bgrx8888, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import { readUpdateRect } from '@bhatti/rfb/update-rect-reader.ts';
import fc from 'fast-check';

import { openNativeDecoder } from '../support/rfb-decoder.ts';

const numRuns = 2000;
const format = fc.constantFrom(bgrx8888, rgb565);

/** Plain bytes as a zlib stream that may be whole, cut or spoilt. */
const zlibLike = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(400), fc.nat(255)).map(([plain, cut, spoil]) => {
  const deflated = new Uint8Array(deflateSync(plain));
  if (spoil > 200) deflated[cut % deflated.length] = spoil;
  return spoil > 100 && spoil < 150 ? deflated.subarray(0, cut % deflated.length) : deflated;
});

const tightBody = fc
  .tuple(fc.nat(255), fc.nat(4), fc.uint8Array({ maxLength: 12 }), zlibLike)
  .map(([control, filter, palette, data]) => {
    const length = Uint8Array.of((data.length & 0x7f) | 0x80, (data.length >> 7) & 0x7f);
    return Buffer.concat([Uint8Array.of(control, filter), palette, length, data]);
  });

const zrleBody = zlibLike.map((data) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
});

/** One rect, mostly inside of a screen of 80 × 70. */
const rect = fc
  .record({
    place: fc.record({ x: fc.nat(20), y: fc.nat(20), width: fc.nat(70), height: fc.nat(70) }),
    content: fc.oneof(
      fc.record({ encoding: fc.constant(7), body: tightBody }),
      fc.record({ encoding: fc.constant(16), body: zrleBody }),
      fc.record({ encoding: fc.constantFrom(0, 1, 7, 16), body: fc.uint8Array({ maxLength: 400 }) }),
    ),
  })
  .map(({ place, content }) => {
    const bytes = Buffer.alloc(12 + content.body.length);
    bytes.writeUInt16BE(place.x, 0);
    bytes.writeUInt16BE(place.y, 2);
    bytes.writeUInt16BE(place.width, 4);
    bytes.writeUInt16BE(place.height, 6);
    bytes.writeInt32BE(content.encoding, 8);
    bytes.set(content.body, 12);
    return new Uint8Array(bytes);
  });

describe('arbitrary pixels from a server', () => {
  test('are drawn, not yet whole, or an error of the protocol; no pixel of the framebuffer lies outside of it', () => {
    let drawn = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 4 }), format, (rects, pixelFormat) => {
        const decoder = openNativeDecoder();
        const framebuffer = createFramebuffer(80, 70);
        for (const bytes of rects) {
          try {
            const result = readUpdateRect(bytes, { format: pixelFormat, maxRectBytes: 100_000 });
            if (typeof result?.message !== 'object' || result.message.type !== 'pixels') continue;
            decoder.decode(framebuffer, result.message, pixelFormat);
            drawn++;
          } catch (error) {
            // The JPEG library refuses in its own words.
            if (!hasCode(error, 'PROTOCOL_VIOLATION') && !hasCode(error, 'INVALID_ARGUMENT')) throw error;
            refused++;
          }
        }
        expect(framebuffer.words.length).toBe(80 * 70);
      }),
      { numRuns },
    );
    // Both ends were reached, so the bytes were neither all nonsense nor all right.
    expect(drawn).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });
});
