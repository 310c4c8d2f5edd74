const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  s: ' ',
};

/** What a text is cut into. `wasQuoted` tells `;` the separator from `";"` the word. */
export interface Word {
  readonly text: string;
  readonly wasQuoted: boolean;
}

/**
 * Cuts a value into words at white space, as systemd.syntax(7) has it: single and double quotes are taken off, C escapes are resolved in both and outside. An escape that does not exist stays as it
 * stands. A missing closing quote throws a SyntaxError.
 */
export function splitWords(text: string): Word[] {
  return [...wordsOf(text)];
}

/** The same one by one: those before a mistake are had. */
export function* wordsOf(text: string): Generator<Word> {
  let at = 0;
  for (;;) {
    while (isSpace(text[at])) at += 1;
    if (at >= text.length) return;
    const { word, end } = readWord(text, at);
    yield word;
    at = end;
  }
}

function readWord(text: string, start: number): { word: Word; end: number } {
  let word = '';
  let quote: string | undefined;
  let wasQuoted = false;
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '\\') {
      const escape = readEscape(text, at + 1);
      word += escape.text;
      wasQuoted = true;
      at = escape.end;
      continue;
    }
    at += 1;
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      wasQuoted = true;
    } else if (isSpace(character)) {
      break;
    } else {
      word += character;
    }
  }
  if (quote !== undefined) throw new SyntaxError('Unbalanced quoting');
  return { word: { text: word, wasQuoted }, end: at };
}

/** `start` is after the backslash. */
function readEscape(text: string, start: number): { text: string; end: number } {
  const rest = text.slice(start, start + 9);
  const numeric = /^x([0-9a-fA-F]{2})/.exec(rest) ?? /^u([0-9a-fA-F]{4})/.exec(rest) ?? /^U([0-9a-fA-F]{8})/.exec(rest);
  const octal = /^[0-3][0-7]{2}/.exec(rest)?.[0];
  const code = numeric?.[1] !== undefined ? Number.parseInt(numeric[1], 16) : Number.parseInt(octal ?? '0', 8);
  // Of NUL and of what is no character nothing can be made: it stays as it stands.
  if (code > 0 && code <= 0x10_ff_ff)
    return { text: String.fromCodePoint(code), end: start + (numeric?.[0] ?? octal ?? '').length };
  const simple = simpleEscapes[rest.charAt(0)];
  if (simple !== undefined) return { text: simple, end: start + 1 };
  // `\;` is a word of one semicolon, which ends no command.
  if (rest.startsWith(';')) return { text: ';', end: start + 1 };
  return { text: `\\${rest.charAt(0)}`, end: start + 1 };
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}
