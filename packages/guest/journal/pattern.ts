import { QueryError } from './query-error.ts';

const classes: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/**
 * `-g`: a regular expression of the runtime, which is PCRE's for what people type; of what only PCRE has, `[[:digit:]]` and its kin and a leading `(?i)` are understood. All lower case ignores case, unless
 * it is said otherwise.
 */
export function compilePattern(text: string, isCaseSensitive: boolean | undefined): RegExp {
  const isInsensitive = text.startsWith('(?i)') || !(isCaseSensitive ?? text !== text.toLowerCase());
  const source = text.replace(/^\(\?i\)/, '').replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole);
  try {
    return new RegExp(source, isInsensitive ? 'i' : '');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
    throw new QueryError(`Bad pattern "${text}": ${why}`);
  }
}
