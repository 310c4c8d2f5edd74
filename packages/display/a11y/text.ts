// Control characters, marks that turn the direction of text around, and the place holder of an embedded element.
// oxlint-disable-next-line no-control-regex -- WHY: taking them out is what this is for.
const unwanted = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffc]+/gu;

/** A name as one line: what a program says is shown to people and models, and must not be able to look like anything else than a name. */
export function cleanName(text: string, maxLength: number): string {
  return cleanValue(text, maxLength).replace(/\s+/gu, ' ').trim();
}

/** As `cleanName`, with its line feeds. */
export function cleanValue(text: string, maxLength: number): string {
  // Cut first: the rest costs in proportion to the length.
  const cut = text.length > maxLength * 2 ? text.slice(0, maxLength * 2) : text;
  const clean = cut.replace(unwanted, '');
  return (clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean).toWellFormed();
}
