import { ByteWriter } from '../byte-writer.ts';
import { Encoding, H264Flag } from '../numbers.ts';
import type { Rect } from '../rect.ts';
import { rectHeaderBytes, writeRectHeader } from '../server-writer.ts';

/**
 * Community document, "Open H.264 Encoding": a length, flags, and coded pictures in Annex B form. A client keeps one decoder for each rect by its place and size; `isReset` has it begin with a new one, so the
 * first of these pictures must be a key picture then. Of several pictures the client shows the last.
 */
export function encodeH264Rect(
  rect: Rect,
  pictures: readonly Uint8Array[],
  options: { readonly isReset: boolean },
): Uint8Array<ArrayBuffer> {
  const length = pictures.reduce((sum, picture) => sum + picture.length, 0);
  const writer = writeRectHeader(new ByteWriter(rectHeaderBytes + 8 + length), rect, Encoding.h264);
  writer.u32(length).u32(options.isReset ? H264Flag.resetContext : 0);
  for (const picture of pictures) writer.bytes(picture);
  // WHY: the writer was made exactly this large, and nobody else has it.
  return writer.view();
}
