import { type DecodedFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { openRectDecoder, type RectDecoder } from '@bhatti/rfb/decode/decoder.ts';
import type { H264Decoder } from '@bhatti/rfb/decode/h264.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { readUpdateRect } from '@bhatti/rfb/update-rect-reader.ts';
import { openInflater } from '@bhatti/sys/native/zlib.ts';
import { openOpenH264Decoder } from './h264-decoder.ts';
import { decompressJpeg } from '@bhatti/sys/native/turbojpeg.ts';

const maxPixels = 1 << 24;

/** A client's decoder with the real codecs, whose native memory goes with it. */
export function openNativeDecoder(): RectDecoder & Disposable {
  const stack = new DisposableStack();
  const decoder = openRectDecoder({
    openInflateStream: () => stack.use(openInflater()),
    openH264Decoder: () => endingOnce(openOpenH264Decoder(), stack),
    decodeJpeg(jpeg) {
      const { widthPx, heightPx, bgrx } = decompressJpeg(jpeg, maxPixels);
      return { width: widthPx, height: heightPx, bgrx };
    },
  });
  return { ...decoder, [Symbol.dispose]: () => stack.dispose() };
}

/** A decoder that ends when its connection wants no more of it, or with the stack. */
function endingOnce(h264: H264Decoder, stack: DisposableStack): H264Decoder {
  const own = stack.use(new DisposableStack());
  own.use(h264);
  return { decode: (bytes) => h264.decode(bytes), [Symbol.dispose]: () => own.dispose() };
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
