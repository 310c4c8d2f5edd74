import { ByteReader } from '../byte-reader.ts';
import { Encoding } from '../numbers.ts';
import type { PixelFormat } from '../pixel-format.ts';
import type { UpdateRect } from '../server-message.ts';
import { violation } from '../violation.ts';
import { type H264Decoder, openH264Contexts } from './h264.ts';
import { checkRect, copyRect, type DecodedFramebuffer, paintRect } from './framebuffer.ts';
import { rawPixels } from './pixel-reader.ts';
import { decodeTight } from './tight.ts';
import { decodeZrle } from './zrle.ts';

/** A zlib stream that goes on from rect to rect. */
export interface InflateStream {
  /** What `bytes` add to the stream, at most `maxBytes`. Throws PROTOCOL_VIOLATION when they break it. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array;
  reset(): void;
}

/** Decodes a JPEG file to bytes B, G, R, unused. */
export type JpegDecode = (jpeg: Uint8Array) => {
  readonly width: number;
  readonly height: number;
  readonly bgrx: Uint8Array;
};

export interface RectDecoderOptions {
  readonly openInflateStream: () => InflateStream;
  readonly decodeJpeg: JpegDecode;
  /** Without it H.264 is not understood. */
  readonly openH264Decoder?: () => H264Decoder;
}

/** Decodes the rects of one connection, which must come in order. */
export interface RectDecoder {
  /** Draws one rect of pixels in the given format. Throws PROTOCOL_VIOLATION. */
  decode(framebuffer: DecodedFramebuffer, pixels: Extract<UpdateRect, { type: 'pixels' }>, format: PixelFormat): void;
}

export function openRectDecoder(options: RectDecoderOptions): RectDecoder {
  const tightStreams = Array.from({ length: 4 }, options.openInflateStream);
  const zrleStream = options.openInflateStream();
  const h264 = options.openH264Decoder === undefined ? undefined : openH264Contexts(options.openH264Decoder);
  return {
    decode(framebuffer, { rect, encoding, body }, format) {
      checkRect(framebuffer, rect);
      switch (encoding) {
        case Encoding.raw:
          return paintRect(framebuffer, rect, rawPixels(new ByteReader(body), format));
        case Encoding.copyRect: {
          const reader = new ByteReader(body);
          return copyRect(framebuffer, rect, { x: reader.u16(), y: reader.u16() });
        }
        case Encoding.tight:
          return decodeTight(framebuffer, rect, body, {
            format,
            streams: tightStreams,
            decodeJpeg: options.decodeJpeg,
          });
        case Encoding.zrle:
          return decodeZrle(framebuffer, rect, body, { format, stream: zrleStream });
        case Encoding.h264:
          if (h264 === undefined) throw violation('rect: H.264 cannot be decoded here');
          return h264.decode(framebuffer, rect, body);
        default:
          throw violation(`rect: encoding ${encoding} cannot be decoded here`);
      }
    },
  };
}
