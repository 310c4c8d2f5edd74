import { ByteReader } from '../byte-reader.ts';
import { H264Flag } from '../numbers.ts';
import type { Rect } from '../rect.ts';
import { violation } from '../violation.ts';
import { type DecodedFramebuffer, paintRect } from './framebuffer.ts';

/** Decodes the pictures of one stream. */
export interface H264Decoder extends Disposable {
  /** The last picture of `bytes` as 0x00RRGGBB, rows without gaps; undefined when they hold none that can be shown. Throws PROTOCOL_VIOLATION. */
  decode(
    bytes: Uint8Array,
  ): { readonly width: number; readonly height: number; readonly words: Int32Array } | undefined;
}

/** The decoders of a connection: one for each rect by its place and size. */
export interface H264Contexts {
  decode(framebuffer: DecodedFramebuffer, rect: Rect, body: Uint8Array): void;
}

const maxContexts = 64; // community document: "at least 64"

export function openH264Contexts(openDecoder: () => H264Decoder): H264Contexts {
  const contexts = new Map<string, H264Decoder>();
  const close = (key: string) => {
    contexts.get(key)?.[Symbol.dispose]();
    contexts.delete(key);
  };
  function contextOf(key: string): H264Decoder {
    const decoder = contexts.get(key) ?? openDecoder();
    // The least recently used is the first.
    contexts.delete(key);
    contexts.set(key, decoder);
    const [oldest] = contexts.keys();
    if (contexts.size > maxContexts && oldest !== undefined) close(oldest);
    return decoder;
  }
  return {
    decode(framebuffer, rect, body) {
      const reader = new ByteReader(body);
      const length = reader.u32();
      const flags = reader.u32();
      const key = `${rect.x},${rect.y},${rect.width},${rect.height}`;
      if ((flags & H264Flag.resetAllContexts) !== 0) for (const each of contexts.keys()) close(each);
      else if ((flags & H264Flag.resetContext) !== 0) close(key);
      const context = contextOf(key);
      const picture = length === 0 ? undefined : context.decode(reader.take(length));
      if (picture === undefined) return;
      const { width, height, words } = picture;
      if (width < rect.width || height < rect.height) throw violation(`H.264 rect: a picture of ${width} × ${height}`);
      let i = 0;
      // Pictures may be larger than their rect, whose sizes need not be even.
      paintRect(framebuffer, rect, () => {
        const at = Math.floor(i / rect.width) * width + (i % rect.width);
        i++;
        return words[at] ?? 0;
      });
    },
  };
}
