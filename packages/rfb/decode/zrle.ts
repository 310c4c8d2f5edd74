import { ByteReader } from '../byte-reader.ts';
import type { PixelFormat } from '../pixel-format.ts';
import type { Rect } from '../rect.ts';
import { violation } from '../violation.ts';
import type { InflateStream } from './decoder.ts';
import { type DecodedFramebuffer, fillRect, paintRect } from './framebuffer.ts';
import { zrlePixels } from './pixel-reader.ts';

const tileSize = 64;

/** Decodes one ZRLE rect (RFC 6143 §7.7.6); `body` is all that follows its header. */
export function decodeZrle(
  framebuffer: DecodedFramebuffer,
  rect: Rect,
  body: Uint8Array,
  tools: { readonly format: PixelFormat; readonly stream: InflateStream },
): void {
  // No tile is larger than its palette and its pixels as plain runs of one.
  const tiles = Math.ceil(rect.width / tileSize) * Math.ceil(rect.height / tileSize);
  const reader = new ByteReader(tools.stream.inflate(body.subarray(4), tiles * 1024 + rect.width * rect.height * 8));
  try {
    for (let y = 0; y < rect.height; y += tileSize) {
      for (let x = 0; x < rect.width; x += tileSize) {
        const width = Math.min(tileSize, rect.width - x);
        const height = Math.min(tileSize, rect.height - y);
        decodeTile(framebuffer, { x: rect.x + x, y: rect.y + y, width, height }, reader, tools.format);
      }
    }
  } catch (error) {
    // The reader throws it where the inflated bytes end too early.
    if (error instanceof RangeError) throw violation('ZRLE rect: it ends too early');
    throw error;
  }
  if (reader.has(1)) throw violation('ZRLE rect: bytes behind its last tile');
}

function decodeTile(framebuffer: DecodedFramebuffer, tile: Rect, reader: ByteReader, format: PixelFormat): void {
  const subencoding = reader.u8();
  const { next } = zrlePixels(reader, format);
  if (subencoding === 0) return paintRect(framebuffer, tile, next);
  if (subencoding === 1) return fillRect(framebuffer, tile, next());
  if (subencoding === 128)
    return paintRect(
      framebuffer,
      tile,
      runs(tile, () => ({ colour: next(), isRun: true }), reader),
    );
  const colours = subencoding & 0x7f;
  if (subencoding > 128 ? colours < 2 : colours > 16) throw violation(`ZRLE rect: sub-encoding ${subencoding}`);
  const palette = Array.from({ length: colours }, next);
  if (subencoding < 128) return paintRect(framebuffer, tile, packed(tile, palette, reader));
  paintRect(
    framebuffer,
    tile,
    runs(
      tile,
      () => {
        const index = reader.u8();
        return { colour: colourAt(palette, index & 0x7f), isRun: index >= 128 };
      },
      reader,
    ),
  );
}

function packed(tile: Rect, palette: readonly number[], reader: ByteReader): () => number {
  const bits = palette.length === 2 ? 1 : palette.length <= 4 ? 2 : 4;
  let x = 0;
  let byte = 0;
  let left = 0;
  return () => {
    if (x === 0 || left === 0) {
      byte = reader.u8();
      left = 8;
    }
    left -= bits;
    x = (x + 1) % tile.width;
    return colourAt(palette, (byte >> left) & ((1 << bits) - 1));
  };
}

function runs(tile: Rect, begin: () => { colour: number; isRun: boolean }, reader: ByteReader): () => number {
  let pixelsLeft = tile.width * tile.height;
  let runLeft = 0;
  let colour = 0;
  return () => {
    if (runLeft === 0) {
      const run = begin();
      colour = run.colour;
      runLeft = run.isRun ? readRunLength(reader) : 1;
      if (runLeft > pixelsLeft) throw violation('ZRLE rect: a run that leaves its tile');
    }
    runLeft--;
    pixelsLeft--;
    return colour;
  };
}

function readRunLength(reader: ByteReader): number {
  let length = 1;
  for (;;) {
    const byte = reader.u8();
    length += byte;
    if (byte < 255) return length;
  }
}

function colourAt(palette: readonly number[], index: number): number {
  const colour = palette[index];
  if (colour === undefined) throw violation('ZRLE rect: a colour outside of its palette');
  return colour;
}
