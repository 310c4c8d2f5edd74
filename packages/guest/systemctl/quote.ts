/** A word as a shell would have to be told it. */
export function quoteIfNeeded(text: string): string {
  if (text !== '' && !/[\s"'\\`$*?[()<>|&;!]/.test(text)) return text;
  const escaped = text
    .replace(/["\\`$]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
