import type { ByteWriter } from '../byte-writer.ts';
import { Encoding } from '../numbers.ts';
import type { Rect } from '../rect.ts';
import { writeRectHeader } from '../server-writer.ts';
import { packPixels } from './pack-pixels.ts';
import type { PixelArea } from './pixel-area.ts';
import type { PixelLayout } from './pixel-layout.ts';

/** RFC 6143 §7.7.1. `area` has the rect's size, its words already values of the client's format. */
export function writeRawRect(
  writer: ByteWriter,
  pixels: { readonly rect: Rect; readonly area: PixelArea; readonly layout: PixelLayout },
): void {
  const { rect, area, layout } = pixels;
  writeRectHeader(writer, rect, Encoding.raw);
  const at = writer.reserve(rect.width * rect.height * layout.bytes);
  packPixels(area, layout, writer.memory(), at);
}
