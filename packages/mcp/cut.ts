/** Bytes as text, with what was left out. */
export interface CutText {
  readonly text: string;
  /** Bytes that are not in it; 0 when it is whole. */
  readonly omittedBytes: number;
}

/**
 * Bytes as text of at most about `maxBytes`: the beginning and the end, since errors tend to be said last, and in between a line that says how much is missing. A
 * character at an edge of the cut is left out whole.
 */
export function cutMiddle(bytes: Uint8Array, maxBytes: number): CutText {
  if (bytes.length <= maxBytes) return { text: decode(bytes), omittedBytes: 0 };
  const head = bytes.subarray(0, characterStart(bytes, Math.ceil(maxBytes / 2)));
  const tail = bytes.subarray(nextCharacter(bytes, bytes.length - Math.floor(maxBytes / 2)));
  const omittedBytes = bytes.length - head.length - tail.length;
  return { text: `${decode(head)}\n[… ${omittedBytes} bytes left out …]\n${decode(tail)}`, omittedBytes };
}

/** The bytes without a character at their end that is not there whole: the first part of a text that was cut by its bytes. */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** `at`, or where the character begins that it would split. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let start = at; start >= 0 && start > at - 4; start -= 1) if (!isContinuation(bytes[start])) return start;
  return at; // not UTF-8
}

function nextCharacter(bytes: Uint8Array, at: number): number {
  for (let start = at; start < at + 4; start += 1) if (!isContinuation(bytes[start])) return start;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
