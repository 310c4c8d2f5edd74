import { Encoding } from '../numbers.ts';
import { bytesPerPixel, type PixelFormat } from '../pixel-format.ts';
import { type Rect, rectArea } from '../rect.ts';
import { violation } from '../violation.ts';
import { tightBodyBytes } from './tight-body.ts';

/**
 * How many bytes the body of a rect of pixels has, judged by its first bytes. Undefined: more bytes are needed to tell. Throws
 * PROTOCOL_VIOLATION for an encoding that is not known, since nothing after it could be read.
 */
export function rectBodyBytes(
  body: Uint8Array,
  header: { readonly rect: Rect; readonly encoding: number },
  format: PixelFormat,
): number | undefined {
  const { rect, encoding } = header;
  switch (encoding) {
    case Encoding.raw:
      return rectArea(rect) * bytesPerPixel(format);
    case Encoding.copyRect:
      return 4;
    case Encoding.zrle:
      return addLength(body, 4);
    case Encoding.h264:
      return addLength(body, 8);
    case Encoding.tight:
      return tightBodyBytes(body, rect, format);
    default:
      throw violation(`rect: unknown encoding ${encoding}`);
  }
}

// The body begins with a 32-bit length of what follows a head of `headBytes`.
function addLength(body: Uint8Array, headBytes: number): number | undefined {
  if (body.length < headBytes) return undefined;
  return headBytes + new DataView(body.buffer, body.byteOffset, 4).getUint32(0);
}
