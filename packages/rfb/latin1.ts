/** Text from ISO 8859-1 bytes, the character set of cut text and names of RFC 6143. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  // A call takes its arguments on the stack, so long text goes in pieces.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Text as ISO 8859-1; characters that it lacks become "?". */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Array.from(text), (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? code : 0x3f;
  });
}
