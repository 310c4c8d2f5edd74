/** One `Key=value` of a unit file, with where it stands. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly path: string;
  readonly line: number;
}

export interface ParsedFile {
  readonly assignments: readonly Assignment[];
  /** What is wrong with lines that were left out, each with file and line. */
  readonly warnings: readonly string[];
  /** Why nothing of it counts, in the system's words. */
  readonly failure: string | undefined;
}

const maxLineLength = 1024 * 1024; // systemd's own: LONG_LINE_MAX
const largeLength = 64 * 1024;

/** systemd.syntax(7): sections, `#` and `;` comments (inside a continued line too), a backslash at the end joins the next line with a space. */
export function parseUnitText(text: string, path: string): ParsedFile {
  const assignments: Assignment[] = [];
  const warnings: string[] = [];
  if (text.includes('\0')) return { assignments, warnings, failure: 'Invalid argument' };
  // A piece of a string holds all of it: what is kept of a large file is copied.
  const isLarge = text.length > largeLength;
  let section: string | undefined;
  for (const { content, line } of joinedLines(text)) {
    if (content.length > maxLineLength) return { assignments: [], warnings, failure: 'No buffer space available' };
    const warn = (what: string) => warnings.push(`${path}:${line}: ${what}`);
    if (content.startsWith('[')) {
      if (content.endsWith(']')) section = content.slice(1, -1);
      else warn(`Invalid section header '${content}'`);
      continue;
    }
    const equals = content.indexOf('=');
    if (equals === -1) {
      warn("Missing '=', ignoring line.");
    } else if (section === undefined) {
      warn('Assignment outside of section. Ignoring.');
    } else if (equals === 0) {
      warn("Missing key name before '=', ignoring line.");
    } else {
      const key = content.slice(0, equals).trim();
      const value = content.slice(equals + 1).trim();
      assignments.push({ section, key, value: isLarge ? Buffer.from(value).toString() : value, path, line });
    }
  }
  return { assignments, warnings, failure: undefined };
}

function* joinedLines(text: string): Generator<{ content: string; line: number }> {
  let pending: { content: string; line: number } | undefined;
  let line = 0;
  for (const raw of linesOf(text)) {
    line += 1;
    const trimmed = raw.trim();
    if (trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const start = pending ?? { content: '', line };
    const isContinued = endsWithBackslash(raw);
    const content = start.content + (isContinued ? `${raw.slice(0, raw.lastIndexOf('\\'))} ` : raw);
    if (isContinued && content.length <= maxLineLength) {
      pending = { content, line: start.line };
      continue;
    }
    pending = undefined;
    if (content.trim() !== '') yield { content: content.trim(), line: start.line };
  }
  if (pending !== undefined && pending.content.trim() !== '')
    yield { content: pending.content.trim(), line: pending.line };
}

/** One at a time: a file may have millions. */
function* linesOf(text: string): Generator<string> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at <= text.length) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end === -1 ? text.length : end);
    if (end === -1) return;
    at = end + 1;
  }
}

/** An escaped backslash does not continue the line. */
function endsWithBackslash(line: string): boolean {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  let at = end;
  while (at > 0 && line[at - 1] === '\\') at -= 1;
  return (end - at) % 2 === 1;
}
