import { ByteWriter } from '../byte-writer.ts';
import { Encoding } from '../numbers.ts';
import type { Point, Rect } from '../rect.ts';
import { rectHeaderBytes, writeRectHeader } from '../server-writer.ts';

/** RFC 6143 §7.7.2: the client copies what it has at `from` to `rect`. Both may overlap. */
export function encodeCopyRect(rect: Rect, from: Point): Uint8Array<ArrayBuffer> {
  return writeRectHeader(new ByteWriter(rectHeaderBytes + 4), rect, Encoding.copyRect)
    .u16(from.x)
    .u16(from.y)
    .copy();
}
