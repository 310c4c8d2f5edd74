import type { OutputStream } from './layout.ts';

/** A field's value: text, or the bytes where they are no UTF-8. */
export type FieldValue = string | Uint8Array;
export type Field = readonly [name: string, value: FieldValue];

/** One entry of the journal. */
export interface JournalEntry {
  readonly timeUs: number;
  readonly monotonicUs: number;
  readonly speaker: Speaker;
  /** 0 to 7 as in syslog(3). */
  readonly priority: number | undefined;
  readonly message: FieldValue | undefined;
  /** What the sender said beside that. */
  readonly fields: readonly Field[];
  /** Where it stands: these two and the speaker's source are nobody else's. */
  readonly inode: number;
  readonly offset: number;
}

/** Who says it: the same object for many entries. */
export interface Speaker {
  /** Which file of which unit it comes from, `a.service/main`. */
  readonly source: string;
  /** What the entry is about; undefined for what belongs to no unit. */
  readonly unit: string | undefined;
  readonly transport: 'stdout' | 'syslog' | 'journal' | 'driver';
  readonly pid: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly comm: string | undefined;
  readonly identifier: string | undefined;
  readonly facility: number | undefined;
  readonly invocation: string | undefined;
}

/** The stream's default where nothing is known: info, daemon (systemd.exec(5), SyslogLevel=, SyslogFacility=). */
export const defaultLevel = 6;
export const defaultFacility = 3;

/** What the service manager itself says is said under this name. */
export const ownIdentifier = 'lohar';
export const ownUnit = 'init.scope';

/** In the order of time; what came at the same time has an order too, the same one whenever it is read. */
export function compareEntries(a: JournalEntry, b: JournalEntry): number {
  if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs;
  if (a.speaker.source !== b.speaker.source) return a.speaker.source < b.speaker.source ? -1 : 1;
  return a.offset - b.offset;
}

export function sourceName(unit: string, part: 'events' | 'syslog' | OutputStream): string {
  return `${unit}/${part}`;
}

/** What holds for all entries of a machine. */
export interface EntryContext {
  readonly hostname: string;
  readonly machineId: string;
  /** The boot that a time lies in. */
  readonly bootAt: (timeUs: number) => string;
}

/** All fields of an entry, as systemd.journal-fields(7) names them. */
export function fieldsOf(entry: JournalEntry, context: EntryContext): Field[] {
  const { speaker } = entry;
  const isOwn = speaker.transport === 'driver';
  const fields: Field[] = [['_BOOT_ID', context.bootAt(entry.timeUs)]];
  const add = (name: string, value: FieldValue | number | undefined) => {
    if (value !== undefined) fields.push([name, typeof value === 'number' ? String(value) : value]);
  };
  add('_MACHINE_ID', context.machineId);
  add('_HOSTNAME', context.hostname);
  add('PRIORITY', entry.priority);
  add('SYSLOG_FACILITY', speaker.facility);
  add('SYSLOG_IDENTIFIER', speaker.identifier);
  add('_TRANSPORT', isOwn ? 'journal' : speaker.transport);
  add('_PID', speaker.pid);
  add('_UID', speaker.uid);
  add('_GID', speaker.gid);
  add('_COMM', speaker.comm);
  add('_SYSTEMD_UNIT', isOwn ? ownUnit : speaker.unit);
  if (isOwn) add('UNIT', speaker.unit);
  add(isOwn ? 'INVOCATION_ID' : '_SYSTEMD_INVOCATION_ID', speaker.invocation);
  for (const field of entry.fields) fields.push(field);
  add('MESSAGE', entry.message);
  return fields;
}

export function textOf(value: FieldValue): string {
  return typeof value === 'string' ? value : new TextDecoder().decode(value);
}
