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
  readonly sections: readonly { readonly name: string; readonly line: number }[];
  /** What is wrong with lines that were left out, each with file and line. */
  readonly warnings: readonly string[];
  /** Why reading ended before the end of the file, in the system's words; the unit cannot be used then. */
  readonly failure: string | undefined;
}

const maxLineLength = 1024 * 1024; // systemd's LONG_LINE_MAX
// What decoding puts in place of bytes that are no UTF-8.
const replacement = '\ufffd';

/** systemd.syntax(7): sections, `#` and `;` comments (inside a continued line too), a backslash at the end joins the next line with a space. */
export function parseUnitText(text: string, path: string): ParsedFile {
  const assignments: Assignment[] = [];
  const sections: { name: string; line: number }[] = [];
  const warnings: string[] = [];
  let section: string | undefined;
  for (const { content, line } of joinedLines(text)) {
    const warn = (what: string) => warnings.push(`${path}:${line}: ${what}`);
    const fail = (failure: string) => ({ assignments, sections, warnings, failure });
    if (content.length > maxLineLength) {
      warn('Line too long');
      return fail('No buffer space available');
    }
    if (content.includes(replacement)) {
      warn(`String is not UTF-8 clean, ignoring assignment: ${content}`);
      return fail('Invalid argument');
    }
    if (content.startsWith('[')) {
      if (content.endsWith(']')) {
        section = content.slice(1, -1);
        sections.push({ name: section, line });
        continue;
      }
      warn(`Invalid section header '${content}'`);
      return fail('Bad message');
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
      assignments.push({ section, key, value: content.slice(equals + 1).trim(), path, line });
    }
  }
  return { assignments, sections, warnings, failure: undefined };
}

function* joinedLines(text: string): Generator<{ content: string; line: number }> {
  let pending: { content: string[]; line: number; length: number } | undefined;
  let line = 0;
  for (const raw of linesOf(text)) {
    line += 1;
    const isTooLong = raw.length > maxLineLength;
    if (!isTooLong && /^\s*[#;]/.test(raw)) continue;
    const current = pending ?? { content: [], line, length: 0 };
    const isContinued = endsWithBackslash(raw);
    current.content.push(isContinued ? `${raw.slice(0, raw.lastIndexOf('\\'))} ` : raw);
    current.length += raw.length;
    if (isContinued && current.length <= maxLineLength) {
      pending = current;
      continue;
    }
    pending = undefined;
    const content = current.content.join('').trim();
    if (content !== '') yield { content, line: current.line };
  }
  const content = pending?.content.join('').trim() ?? '';
  if (pending !== undefined && content !== '') yield { content, line: pending.line };
}

/** A NUL ends a line as well. One at a time: of a file that is all line ends nothing is piled up. */
function* linesOf(text: string): Generator<string> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const line = text.slice(start, end);
    if (line.includes('\0')) yield* line.split('\0');
    else yield line;
    start = end + 1;
  }
}

/** An escaped backslash does not continue the line. */
function endsWithBackslash(line: string): boolean {
  let count = 0;
  for (let at = line.endsWith('\r') ? line.length - 2 : line.length - 1; line[at] === '\\'; at -= 1) count += 1;
  return count % 2 === 1;
}
