/**
 * `KEY=VALUE` lines as `EnvironmentFile=` reads them (systemd.exec(5)): comments with # and ;, values bare, in single or in double quotes, quoted values over
 * several lines, a backslash joins lines. A line that is no assignment is skipped: the file may be anybody's.
 */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    at = skipBlank(text, at);
    if (at >= text.length) break;
    const line = readLine(text, at);
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(line)?.[1];
    if (text[at] === '#' || text[at] === ';' || name === undefined) {
      at += line.length + 1;
      continue;
    }
    const value = readValue(text, at + name.length + 1);
    variables[name] = value.text;
    at = value.end;
  }
  return variables;
}

/** The other direction: values that any bytes but NUL may be in. */
export function formatEnvironmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replace(/[\\"$`]/g, (character) => `\\${character}`)}"\n`)
    .join('');
}

function readValue(text: string, start: number): { text: string; end: number } {
  let value = '';
  let kept = 0; // length of `value` up to the last character that may not be trimmed
  let at = skipSpaces(text, start);
  let quote: string | undefined;
  while (at < text.length) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    at += 1;
    if (quote === undefined && character === '\n') break;
    if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
    } else if (character === '\\' && quote !== "'") {
      at += 1;
      if (next === '\n') continue;
      // In double quotes a backslash protects only these; before others it stands for itself.
      value += quote === '"' && !'"\\`$'.includes(next) ? `\\${next}` : next;
    } else {
      value += character;
      if (quote === undefined && (character === ' ' || character === '\t')) continue;
    }
    kept = value.length;
  }
  return { text: value.slice(0, kept), end: at };
}

function readLine(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end === -1 ? text.length : end);
}

function skipBlank(text: string, at: number): number {
  let end = at;
  while (end < text.length && ' \t\r\n'.includes(text.charAt(end))) end += 1;
  return end;
}

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  return end;
}
