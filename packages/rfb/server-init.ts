import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodePixelFormat, encodePixelFormat, type PixelFormat, pixelFormatBytes } from './pixel-format.ts';
import { violation } from './violation.ts';

/** What a server says of its screen at the end of the handshake (RFC 6143 §7.3.2). `name` is UTF-8, as all servers of today send it. */
export interface ServerInit {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly name: string;
}

const headBytes = 4 + pixelFormatBytes + 4;
const maxNameBytes = 64 * 1024; // far above any desktop's name, far below what hurts

export function encodeServerInit(init: ServerInit): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(init.name);
  return new ByteWriter(headBytes + name.length)
    .u16(init.width)
    .u16(init.height)
    .bytes(encodePixelFormat(init.format))
    .u32(name.length)
    .bytes(name)
    .copy();
}

export function readServerInit(bytes: Uint8Array): { readonly init: ServerInit; readonly length: number } | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(headBytes)) return undefined;
  const width = reader.u16();
  const height = reader.u16();
  const format = decodePixelFormat(reader.take(pixelFormatBytes));
  const nameBytes = reader.u32();
  if (nameBytes > maxNameBytes) throw violation(`server init: a name of ${nameBytes} bytes`);
  if (!reader.has(nameBytes)) return undefined;
  const name = new TextDecoder().decode(reader.take(nameBytes));
  return { init: { width, height, format, name }, length: reader.offset };
}
