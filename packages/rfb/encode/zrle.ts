/**
 * ZRLE (RFC 6143 §7.7.6). A viewer has one zlib stream for all its ZRLE rects, but a stream may be put together from blocks that do not refer to what came
 * before them. So rects are encoded independently, by any thread, with `deflateBlocks` as zlib without history; the viewer session adds the two
 * bytes of the zlib header to the first rect that it sends.
 */
import type { ByteWriter } from '../byte-writer.ts';
import { concatBytes } from '@bhatti/base/bytes.ts';
import { Encoding } from '../numbers.ts';
import type { Rect } from '../rect.ts';
import { rectHeaderBytes, writeRectHeader } from '../server-writer.ts';
import type { Palette } from './palette.ts';
import { partOf, type PixelArea } from './pixel-area.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { maxTileBytes, writeZrleTile } from './zrle-tile.ts';

export const zrleTileSize = 64;

export interface ZrleTools {
  /** Deflate blocks without zlib header, which refer to nothing before them and end at a byte's edge. The result may be a view. */
  readonly deflateBlocks: (bytes: Uint8Array) => Uint8Array;
  /** Where tiles are laid out before they are compressed. */
  readonly plain: (bytes: number) => Uint8Array;
  readonly palette: Palette;
}

/** `area` has the rect's size, its words already values of the client's format. */
export function writeZrleRect(
  writer: ByteWriter,
  pixels: { readonly rect: Rect; readonly area: PixelArea; readonly layout: PixelLayout },
  tools: ZrleTools,
): void {
  const { rect, area, layout } = pixels;
  const tiles = Math.ceil(rect.width / zrleTileSize) * Math.ceil(rect.height / zrleTileSize);
  const plain = tools.plain(tiles * maxTileBytes(zrleTileSize * zrleTileSize, layout));
  let at = 0;
  for (let y = 0; y < rect.height; y += zrleTileSize) {
    for (let x = 0; x < rect.width; x += zrleTileSize) {
      const width = Math.min(zrleTileSize, rect.width - x);
      const height = Math.min(zrleTileSize, rect.height - y);
      at = writeZrleTile({ area: partOf(area, { x, y, width, height }), layout, palette: tools.palette }, plain, at);
    }
  }
  const blocks = tools.deflateBlocks(plain.subarray(0, at));
  writeRectHeader(writer, rect, Encoding.zrle).u32(blocks.length).bytes(blocks);
}

/** A whole ZRLE rect, header and body, as the first one that a viewer gets: with the zlib header (RFC 1950 §2.2, window of 32 KiB) before its blocks. */
export function beginZrleStream(encoded: Uint8Array): Uint8Array<ArrayBuffer> {
  const lengthAt = rectHeaderBytes;
  const header = Uint8Array.of(0x78, 0x01);
  const begun = concatBytes([encoded.subarray(0, lengthAt + 4), header, encoded.subarray(lengthAt + 4)]);
  const view = new DataView(begun.buffer);
  view.setUint32(lengthAt, view.getUint32(lengthAt) + header.length);
  return begun;
}
