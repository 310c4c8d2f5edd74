import { monotonicUs, realtimeUs } from '@bhatti/sys/clock.ts';
import type { FieldValue, JournalEntry } from './entry.ts';
import { partPath, unitJournalDir, type OutputStream } from './layout.ts';
import type { FileLine } from './line-file.ts';
import { Source } from './source.ts';
import type { Speakers } from './speakers.ts';
import { readTimes } from './times.ts';

/** What a unit's processes wrote to one of its streams. */
export function outputSource(root: string, unit: string, stream: OutputStream, speakers: Speakers): Source {
  const directory = unitJournalDir(unit, root);
  return new Source({ directory, name: `${stream}.log`, rule: 'output' }, ({ file, generation }) => {
    const timesPath = (at: number) => partPath(directory, `${stream}.times`, at);
    const paths = [
      timesPath(generation),
      timesPath(generation + 1),
      ...(generation > 0 ? [timesPath(generation - 1)] : []),
    ];
    const modified = { end: file.size, timeUs: file.modifiedUs, monotonicUs: monotonicAt(file.modifiedUs) };
    const times = readTimes(paths, file.inode, modified);
    return {
      file,
      // Bytes whose time is not known yet are on their way.
      end: Math.min(file.size, times.end),
      startOf: (timeUs) => file.lineStartAfter(times.firstByteSince(timeUs)),
      endOf: (timeUs) => Math.min(file.lineStartAfter(times.firstByteAfter(timeUs)), times.end),
      entry(line) {
        const arrived = times.at(line.offset);
        return entryOf(line, file.inode, arrived, speakers.at(stream, arrived.timeUs));
      },
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  });
}

type Arrived = Pick<JournalEntry, 'timeUs' | 'monotonicUs'>;

const noFields: JournalEntry['fields'] = [];

function entryOf(
  { text, offset }: FileLine,
  inode: number,
  { timeUs, monotonicUs: since }: Arrived,
  { speaker, level, hasPrefixes, maxLevel }: ReturnType<Speakers['at']>,
): JournalEntry | undefined {
  const { message, priority = level } = readLine(text, hasPrefixes);
  // As journald has it: an empty line is no entry.
  if (message.length === 0 || priority > maxLevel) return undefined;
  return {
    timeUs,
    monotonicUs: since,
    speaker,
    priority,
    message,
    fields: noFields,
    inode,
    offset,
  };
}

/** sd-daemon(3): `<3>` before a line is its priority. White space at the end is no part of it, unless there is nothing else. */
function readLine(line: FieldValue, hasPrefixes: boolean): { message: FieldValue; priority?: number } {
  const head = typeof line === 'string' ? line : Buffer.from(line.subarray(0, 3)).toString('latin1');
  const level = hasPrefixes && head.charCodeAt(0) === 60 && head.charCodeAt(2) === 62 ? head.charCodeAt(1) - 48 : -1;
  const isPrefixed = level >= 0 && level <= 7;
  const message = trimmed(isPrefixed ? line.slice(3) : line);
  return isPrefixed ? { message, priority: level } : { message };
}

function trimmed(line: FieldValue): FieldValue {
  const codeAt = (at: number) => (typeof line === 'string' ? line.charCodeAt(at) : line[at]);
  let end = line.length;
  while (end > 0 && isBlank(codeAt(end - 1))) end -= 1;
  return end === 0 || end === line.length ? line : line.slice(0, end);
}

function isBlank(code: number | undefined): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}

function monotonicAt(timeUs: number): number {
  return Math.max(0, monotonicUs() - (realtimeUs() - timeUs));
}
