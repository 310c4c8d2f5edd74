import { ownIdentifier, sourceName, type Field, type FieldValue, type JournalEntry, type Speaker } from './entry.ts';
import { decodeRecordValue } from './field-value.ts';
import { noUnit, unitJournalDir, type DatagramRecord, type JournalRecord, type MessageRecord } from './layout.ts';
import type { FileLine } from './line-file.ts';
import { Source } from './source.ts';
import type { Speakers } from './speakers.ts';

/** What is said about a unit, or what its processes sent to /dev/log and the journal's socket. */
export function recordSource(root: string, unit: string, part: 'events' | 'syslog', speakers: Speakers): Source {
  const at = { directory: unitJournalDir(unit, root), name: `${part}.log`, rule: 'records' } as const;
  const source = sourceName(unit, part);
  return new Source(at, ({ file }) => ({
    file,
    end: file.size,
    // Records carry their times: whoever reads leaves out what is too early or too late.
    startOf: () => 0,
    endOf: () => file.size,
    entry(line) {
      const record = readRecord(line);
      if (record === undefined || record.kind === 'spawn') return undefined;
      const entry = record.kind === 'message' ? messageEntry(record) : datagramEntry(record, speakers);
      const about = unit === noUnit ? undefined : unit;
      return {
        timeUs: record.t,
        monotonicUs: record.m,
        ...entry,
        speaker: { ...entry.speaker, source, unit: about },
        inode: file.inode,
        offset: line.offset,
      };
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  }));
}

function readRecord({ text }: FileLine): JournalRecord | undefined {
  if (typeof text !== 'string' || text.startsWith('{"kind":"spawn"')) return undefined;
  try {
    // SAFETY: root's own file, written by this very executable.
    return JSON.parse(text) as JournalRecord;
  } catch {
    return undefined; // expected: a crash of the machine has cut it
  }
}

type Said = Pick<JournalEntry, 'priority' | 'message' | 'fields'> & {
  readonly speaker: Omit<Speaker, 'source' | 'unit'>;
};

function messageEntry({ priority, pid, text }: MessageRecord): Said {
  return {
    priority,
    message: text,
    fields: [],
    speaker: {
      transport: 'driver',
      pid,
      uid: 0,
      gid: 0,
      comm: ownIdentifier,
      identifier: ownIdentifier,
      facility: 3,
      invocation: undefined,
    },
  };
}

function datagramEntry(record: DatagramRecord, speakers: Speakers): Said {
  const { transport, pid, uid, gid, comm } = record;
  const fields: Field[] = [];
  let message: FieldValue | undefined;
  let identifier: string | undefined;
  let priority: number | undefined;
  let facility: number | undefined;
  for (const [name, stored] of record.fields) {
    const value = decodeRecordValue(stored);
    if (name === 'MESSAGE') message ??= value;
    else if (name === 'SYSLOG_IDENTIFIER' && typeof value === 'string') identifier ??= value;
    else if (name === 'PRIORITY' && /^[0-7]$/.test(String(value))) priority ??= Number(value);
    else if (name === 'SYSLOG_FACILITY' && /^\d{1,3}$/.test(String(value))) facility ??= Number(value);
    else fields.push([name, value]);
  }
  const invocation = speakers.invocationAt(record.t);
  return {
    priority,
    message,
    fields,
    speaker: { transport, pid, uid, gid, comm, identifier, facility, invocation },
  };
}
