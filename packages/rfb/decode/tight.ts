import { ByteReader } from '../byte-reader.ts';
import { TightFilter } from '../numbers.ts';
import { isRgb888, type PixelFormat } from '../pixel-format.ts';
import type { Rect } from '../rect.ts';
import { violation } from '../violation.ts';
import type { InflateStream, JpegDecode } from './decoder.ts';
import { type DecodedFramebuffer, fillRect, paintRect } from './framebuffer.ts';
import { tightPixels } from './pixel-reader.ts';
import { readTightBody, type TightBody } from './tight-body.ts';

export interface TightDecoderTools {
  readonly format: PixelFormat;
  /** The four streams of a connection. */
  readonly streams: readonly InflateStream[];
  readonly decodeJpeg: JpegDecode;
}

/** Decodes one Tight rect; `body` is all that follows its header. */
export function decodeTight(
  framebuffer: DecodedFramebuffer,
  rect: Rect,
  body: Uint8Array,
  tools: TightDecoderTools,
): void {
  const parts = readTightBody(body, rect, tools.format);
  if (parts === undefined || parts.end > body.length) throw violation('Tight rect: it ends too early');
  const control = body[0] ?? 0;
  tools.streams.forEach((stream, index) => {
    if ((control & (1 << index)) !== 0) stream.reset();
  });
  switch (parts.kind) {
    case 'fill':
      return fillRect(framebuffer, rect, tightPixels(new ByteReader(body, parts.pixel), tools.format)());
    case 'jpeg':
      return paintJpeg(framebuffer, rect, tools.decodeJpeg(body.subarray(parts.data, parts.end)));
    case 'basic': {
      const plain = inflated(body, parts, tools.streams);
      return paintBasic(framebuffer, rect, { body, parts, plain }, tools.format);
    }
  }
}

type BasicBody = Extract<TightBody, { kind: 'basic' }>;

function inflated(body: Uint8Array, parts: BasicBody, streams: readonly InflateStream[]): Uint8Array {
  const data = body.subarray(parts.data, parts.end);
  if (!parts.isDeflated) return data;
  const plain = streams[parts.stream]?.inflate(data, parts.plainBytes) ?? data;
  if (plain.length !== parts.plainBytes) throw violation(`Tight rect: ${plain.length} of ${parts.plainBytes} bytes`);
  return plain;
}

function paintBasic(
  framebuffer: DecodedFramebuffer,
  rect: Rect,
  { body, parts, plain }: { body: Uint8Array; parts: BasicBody; plain: Uint8Array },
  format: PixelFormat,
): void {
  const pixels = new ByteReader(plain);
  switch (parts.filter) {
    case TightFilter.palette: {
      const next = tightPixels(new ByteReader(body, parts.palette), format);
      const palette = Array.from({ length: parts.colours }, next);
      const index = parts.colours <= 2 ? bitReader(pixels, rect.width) : () => pixels.u8();
      return paintRect(framebuffer, rect, () => {
        const colour = palette[index()];
        if (colour === undefined) throw violation('Tight rect: a colour outside of its palette');
        return colour;
      });
    }
    case TightFilter.gradient:
      return paintGradient(framebuffer, rect, pixels, format);
    default:
      return paintRect(framebuffer, rect, tightPixels(pixels, format));
  }
}

// One bit a pixel, each row from a new byte on.
function bitReader(reader: ByteReader, width: number): () => number {
  let x = 0;
  let byte = 0;
  return () => {
    if (x % 8 === 0) byte = reader.u8();
    const bit = (byte >> (7 - (x % 8))) & 1;
    x = (x + 1) % width;
    return bit;
  };
}

// Community document: each intensity is sent as its difference to left + above − above-left, held within the range of intensities.
function paintGradient(framebuffer: DecodedFramebuffer, rect: Rect, pixels: ByteReader, format: PixelFormat): void {
  // Other formats have intensities of other widths; no server sends a gradient for them.
  if (!isRgb888(format)) throw violation('Tight rect: a gradient of pixels without 8 bits a colour');
  const rows = [new Uint8Array(rect.width * 3 + 3), new Uint8Array(rect.width * 3 + 3)] as const;
  for (let y = 0; y < rect.height; y++) {
    const [above, row] = y % 2 === 0 ? rows : [rows[1], rows[0]];
    for (let i = 3; i < row.length; i++) {
      const predicted = (row[i - 3] ?? 0) + (above[i] ?? 0) - (above[i - 3] ?? 0);
      row[i] = pixels.u8() + Math.max(0, Math.min(255, predicted));
    }
    for (let x = 0; x < rect.width; x++) {
      const [red = 0, green = 0, blue = 0] = row.subarray(x * 3 + 3, x * 3 + 6);
      framebuffer.words[(rect.y + y) * framebuffer.width + rect.x + x] = (red << 16) | (green << 8) | blue;
    }
  }
}

function paintJpeg(framebuffer: DecodedFramebuffer, rect: Rect, picture: ReturnType<JpegDecode>): void {
  if (picture.width !== rect.width || picture.height !== rect.height) {
    throw violation(`Tight rect: a JPEG of ${picture.width} × ${picture.height} pixels`);
  }
  let at = 0;
  paintRect(framebuffer, rect, () => {
    const [blue = 0, green = 0, red = 0] = picture.bgrx.subarray(at, at + 3);
    at += 4;
    return (red << 16) | (green << 8) | blue;
  });
}
