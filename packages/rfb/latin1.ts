/** Text from ISO 8859-1 bytes, the character set of cut text and names of RFC 6143. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  // A call takes its arguments on the stack, so long text goes in pieces.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Text as ISO 8859-1; characters that it lacks become "?". */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let end = 0;
  for (let i = 0; i < text.length; end++) {
    const code = text.codePointAt(i) ?? 0;
    bytes[end] = code < 256 ? code : 0x3f;
    // A character beyond 16 bits takes two places in a string.
    i += code > 0xffff ? 2 : 1;
  }
  return bytes.slice(0, end);
}
