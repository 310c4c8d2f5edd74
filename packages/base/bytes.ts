/** Concatenates chunks into one array. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/**
 * Makes text from elsewhere safe for a terminal and for one line: control characters (C0, C1, DEL) become spaces, and the
 * rest is cut at `maxLength` characters. Guest text passes here before it reaches a person.
 */
export function plainLine(text: string, maxLength: number): string {
  // oxlint-disable-next-line no-control-regex -- WHY: stripping control characters is what this function is for.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
