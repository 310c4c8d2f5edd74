/** Text as UTF-8, or bytes. */
export type Content = string | Uint8Array;
/** Content that comes piece by piece, e.g. a `ReadableStream` or a file's read stream. */
export type ContentStream = AsyncIterable<Content>;

const encoder = new TextEncoder();

export function bytesOf(content: Content): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}

export function isWhole(content: Content | ContentStream): content is Content {
  return typeof content === 'string' || content instanceof Uint8Array;
}

const pieceBytes = 32_768; // arguments of one call, far below every engine's limit

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + pieceBytes)));
  return btoa(pieces.join(''));
}

export function fromBase64(base64: string): Uint8Array {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
