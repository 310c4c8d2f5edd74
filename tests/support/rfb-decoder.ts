import { type DecodedFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { openRectDecoder, type RectDecoder } from '@bhatti/rfb/decode/decoder.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { readUpdateRect } from '@bhatti/rfb/update-rect-reader.ts';
import { openInflater } from '@bhatti/sys/native/zlib.ts';
import { openOpenH264Decoder } from './h264-decoder.ts';
import { decompressJpeg } from '@bhatti/sys/native/turbojpeg.ts';

const maxPixels = 1 << 24;

/** A client's decoder with the real codecs. */
export function openNativeDecoder(): RectDecoder {
  return openRectDecoder({
    openInflateStream: openInflater,
    openH264Decoder: openOpenH264Decoder,
    decodeJpeg(jpeg) {
      const { widthPx, heightPx, bgrx } = decompressJpeg(jpeg, maxPixels);
      return { width: widthPx, height: heightPx, bgrx };
    },
  });
}

/** Draws one encoded rect, header and body, as a client would. */
export function drawRect(
  decoder: RectDecoder,
  framebuffer: DecodedFramebuffer,
  encoded: { readonly bytes: Uint8Array; readonly format: PixelFormat },
): void {
  const { bytes, format } = encoded;
  const result = readUpdateRect(bytes, { format, maxRectBytes: maxPixels * 4 });
  const message = result?.message;
  if (result?.length !== bytes.length || typeof message !== 'object' || message.type !== 'pixels') {
    throw new Error(`${bytes.length} bytes are not one rect of pixels`);
  }
  decoder.decode(framebuffer, message, format);
}
