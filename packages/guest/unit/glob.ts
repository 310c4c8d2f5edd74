/** Whether a text has what makes it a pattern (glob(7)). */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/** fnmatch(3): `*`, `?`, `[a-z]`, `[!x]`. */
export function matchesGlob(pattern: string, name: string): boolean {
  return compileGlob(pattern).test(name);
}

export function compileGlob(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]]/g, (found, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\^]/g, '\\$&')}]`;
    if (found === '*') return '.*';
    return found === '?' ? '.' : `\\${found}`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^(?!)/; // expected: `[z-a]`, which matches nothing
  }
}
