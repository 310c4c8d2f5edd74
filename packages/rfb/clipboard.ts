import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { ClipboardFlag } from './numbers.ts';
import { violation } from './violation.ts';

/**
 * The extended clipboard (community document, "Extended Clipboard Pseudo-Encoding"): instead of pushing Latin-1 text, a side announces
 * (`notify`) that it has something, the other asks (`request`), and gets it (`provide`) as a zlib stream of its own.
 * `formats` are bits of ClipboardFlag, `text` being the only one that is spoken here.
 */
export type ClipboardMessage =
  | {
      readonly action: 'caps';
      readonly formats: number;
      readonly actions: number;
      /** Bytes that the other side takes unasked, in the order of the bits set in `formats`. */
      readonly sizes: readonly number[];
    }
  | { readonly action: 'request'; readonly formats: number }
  | { readonly action: 'peek' }
  | { readonly action: 'notify'; readonly formats: number }
  /** Still compressed: `readProvidedText` opens it. */
  | { readonly action: 'provide'; readonly formats: number; readonly deflated: Uint8Array };

/** Opens a zlib stream and answers its first `maxBytes` bytes at most. Throws PROTOCOL_VIOLATION when it is none. */
export type Inflate = (deflated: Uint8Array, maxBytes: number) => Uint8Array;

/** Makes one whole zlib stream. The result may be a view that the next call overwrites. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

const formatMask = 0xffff;
const actionMask = 0xff00_0000;

/** Decodes the body of an extended cut text: what follows the negative length. */
export function decodeClipboardMessage(body: Uint8Array): ClipboardMessage {
  const reader = new ByteReader(body);
  if (!reader.has(4)) throw violation('extended clipboard: shorter than its flags');
  const flags = reader.u32();
  const formats = flags & formatMask;
  if ((flags & ClipboardFlag.caps) !== 0) return decodeCaps(reader, flags);
  // Without caps exactly one action is set; a set of none or several says nothing.
  switch ((flags & actionMask) >>> 0) {
    case ClipboardFlag.request:
      return { action: 'request', formats };
    case ClipboardFlag.peek:
      return { action: 'peek' };
    case ClipboardFlag.notify:
      return { action: 'notify', formats };
    case ClipboardFlag.provide:
      return { action: 'provide', formats, deflated: body.slice(4) };
    default:
      throw violation(`extended clipboard: flags 0x${flags.toString(16)}`);
  }
}

/** Encodes the body of an extended cut text. */
export function encodeClipboardMessage(message: ClipboardMessage): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  switch (message.action) {
    case 'caps':
      writer.u32((ClipboardFlag.caps | message.actions | message.formats) >>> 0);
      for (const size of message.sizes) writer.u32(size);
      break;
    case 'request':
      writer.u32(ClipboardFlag.request | message.formats);
      break;
    case 'peek':
      writer.u32(ClipboardFlag.peek);
      break;
    case 'notify':
      writer.u32(ClipboardFlag.notify | message.formats);
      break;
    case 'provide':
      writer.u32(ClipboardFlag.provide | message.formats).bytes(message.deflated);
      break;
  }
  return writer.copy();
}

/** What we say we can do: text up to `maxTextBytes`, and every action. */
export function clipboardCaps(maxTextBytes: number): ClipboardMessage {
  const { request, peek, notify, provide } = ClipboardFlag;
  return {
    action: 'caps',
    formats: ClipboardFlag.text,
    actions: request | peek | notify | provide,
    sizes: [maxTextBytes],
  };
}

/** A `provide` with this text. On the wire it is UTF-8 with CR LF line ends and a NUL at its end. */
export function provideText(text: string, deflate: Deflate): ClipboardMessage {
  const encoded = new TextEncoder().encode(`${text.replace(/\r\n|\r|\n/g, '\r\n')}\0`);
  const plain = new ByteWriter(encoded.length + 4).u32(encoded.length).bytes(encoded);
  return { action: 'provide', formats: ClipboardFlag.text, deflated: deflate(plain.view()).slice() };
}

/** The text of a `provide`, with line feeds; undefined when it carries none, or more than `maxTextBytes`. */
export function readProvidedText(
  message: Extract<ClipboardMessage, { action: 'provide' }>,
  options: { readonly inflate: Inflate; readonly maxTextBytes: number },
): string | undefined {
  // Text has the lowest bit, so it is the first part of the stream whatever else was sent.
  if ((message.formats & ClipboardFlag.text) === 0) return undefined;
  const reader = new ByteReader(options.inflate(message.deflated, options.maxTextBytes + 4));
  if (!reader.has(4)) throw violation('extended clipboard: text without its length');
  const length = reader.u32();
  if (length > options.maxTextBytes) return undefined;
  if (!reader.has(length)) throw violation(`extended clipboard: text shorter than its length ${length}`);
  const text = new TextDecoder().decode(reader.take(length));
  return text.replace(/\0+$/, '').replace(/\r\n?/g, '\n');
}

function decodeCaps(reader: ByteReader, flags: number): ClipboardMessage {
  const formats = flags & formatMask;
  const sizes: number[] = [];
  for (let bit = 0; bit < 16; bit++) {
    if ((formats & (1 << bit)) === 0) continue;
    if (!reader.has(4)) throw violation('extended clipboard: caps without a size for each format');
    sizes.push(reader.u32());
  }
  return { action: 'caps', formats, actions: flags & actionMask & ~ClipboardFlag.caps, sizes };
}
