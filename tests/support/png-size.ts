/** Width and height of the PNG in an image block of the Messages API. */
export function pngSize(block: unknown): { readonly width: number; readonly height: number } {
  // SAFETY: whatever it is, a block without these fields fails the test at the next line.
  const data = (block as { readonly source?: { readonly data?: string } } | undefined)?.source?.data;
  if (data === undefined) throw new Error(`no picture: ${JSON.stringify(block)}`);
  const bytes = Buffer.from(data, 'base64');
  if (bytes.toString('latin1', 1, 4) !== 'PNG') throw new Error('no PNG');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
