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
}

/** systemd.syntax(7): sections, `#` and `;` comments (inside a continued line too), a backslash at the end joins the next line with a space. */
export function parseUnitText(text: string, path: string): ParsedFile {
  const assignments: Assignment[] = [];
  const warnings: string[] = [];
  let section: string | undefined;
  for (const { content, line } of joinedLines(text)) {
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
      assignments.push({ section, key, value: content.slice(equals + 1).trim(), path, line });
    }
  }
  return { assignments, warnings };
}

function* joinedLines(text: string): Generator<{ content: string; line: number }> {
  let pending: { content: string; line: number } | undefined;
  let line = 0;
  for (const raw of text.replace(/^\ufeff/, '').split('\n')) {
    line += 1;
    const trimmed = raw.trim();
    if (trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const start = pending ?? { content: '', line };
    const isContinued = endsWithBackslash(raw);
    const content = start.content + (isContinued ? `${raw.slice(0, raw.lastIndexOf('\\'))} ` : raw);
    if (isContinued) {
      pending = { content, line: start.line };
      continue;
    }
    pending = undefined;
    if (content.trim() !== '') yield { content: content.trim(), line: start.line };
  }
  if (pending !== undefined && pending.content.trim() !== '')
    yield { content: pending.content.trim(), line: pending.line };
}

/** An escaped backslash does not continue the line. */
function endsWithBackslash(line: string): boolean {
  const tail = /\\+\r?$/.exec(line)?.[0].replace('\r', '') ?? '';
  return tail.length % 2 === 1;
}
