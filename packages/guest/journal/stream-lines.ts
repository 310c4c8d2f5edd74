import { fieldValue } from './field-value.ts';
import type { Field } from './entry.ts';

const newline = 10;
const maxLineBytes = 48 * 1024; // journald's LineMax=
const maxHeaderBytes = 1_024; // seven short lines
const headerLines = 7;

interface StreamHeader {
  readonly identifier: string;
  readonly priority: number;
  readonly hasLevelPrefix: boolean;
}

/**
 * What comes over a connection to the journal's stream socket (sd_journal_stream_fd(3)): seven lines of header (identifier, unit, priority, whether lines have level prefixes, three that ask for copies elsewhere),
 * then lines. Holds no more than one of them.
 */
export class StreamLines {
  #rest: Buffer = Buffer.alloc(0);
  #header: StreamHeader | undefined;

  /** The fields of the entries that are complete now. Throws where the header is none. */
  take(bytes: Uint8Array): Field[][] {
    let rest = Buffer.concat([this.#rest, bytes]);
    if (this.#header === undefined) {
      const end = headerEnd(rest);
      if (end === -1 && rest.length > maxHeaderBytes) throw new Error('no header of a log stream');
      this.#rest = rest;
      if (end === -1) return [];
      this.#header = parseHeader(rest.toString('utf8', 0, end));
      rest = rest.subarray(end);
    }
    const entries: Field[][] = [];
    let start = 0;
    for (;;) {
      const end = lineEnd(rest, start);
      if (end === -1) break;
      entries.push(...this.#entry(rest.subarray(start, end)));
      start = rest[end] === newline || rest[end] === 0 ? end + 1 : end;
    }
    this.#rest = Buffer.from(rest.subarray(start));
    return entries;
  }

  /** What the connection ended with. */
  end(): Field[][] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return this.#header === undefined ? [] : this.#entry(rest);
  }

  #entry(line: Uint8Array): Field[][] {
    const { identifier = '', priority = 6, hasLevelPrefix = true } = this.#header ?? {};
    const isPrefixed = hasLevelPrefix && /^<[0-7]>/.test(Buffer.from(line.subarray(0, 3)).toString('latin1'));
    const message = trimmed(isPrefixed ? line.subarray(3) : line);
    if (message.length === 0) return [];
    const level = isPrefixed ? (line[1] ?? 48) - 48 : priority & 7;
    const fields: Field[] = [['PRIORITY', String(level)]];
    if (priority >> 3 > 0) fields.push(['SYSLOG_FACILITY', String(priority >> 3)]);
    if (identifier !== '') fields.push(['SYSLOG_IDENTIFIER', identifier]);
    fields.push(['MESSAGE', fieldValue(message)]);
    return [fields];
  }
}

function headerEnd(bytes: Buffer): number {
  let end = 0;
  for (let line = 0; line < headerLines; line += 1) {
    const found = bytes.indexOf(newline, end);
    if (found === -1) return -1;
    end = found + 1;
  }
  return end;
}

function parseHeader(text: string): StreamHeader {
  const [identifier = '', , priority = '', levelPrefix = ''] = text.split('\n');
  if (!/^\d{1,3}$/.test(priority)) throw new Error('no header of a log stream');
  return { identifier, priority: Number(priority), hasLevelPrefix: levelPrefix === '1' };
}

/** -1 when the line goes on. */
function lineEnd(bytes: Buffer, start: number): number {
  const window = bytes.subarray(start, start + maxLineBytes + 1);
  const [end, nul] = [window.indexOf(newline), window.indexOf(0)];
  const first = nul !== -1 && (end === -1 || nul < end) ? nul : end;
  if (first !== -1) return start + first;
  return window.length > maxLineBytes ? start + maxLineBytes : -1;
}

function trimmed(line: Uint8Array): Uint8Array {
  let end = line.length;
  while (end > 0 && [32, 9, 13, 10].includes(line[end - 1] ?? 0)) end -= 1;
  return end === 0 ? line : line.subarray(0, end);
}
