import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { join } from 'node:path';

/*
 * What the journal is on disk, under one directory a unit: `main.log`, the bytes its main process and all below it wrote, exactly; `main.times`, when which byte arrived; `control.log` and `control.times`, the
 * same of commands beside it (ExecStartPre= and their kin). `events.log` is what the service manager has to say, `syslog.log` what the unit's processes sent to /dev/log and to the journal's own socket, both one
 * JSON document a line. Rotated ones have `.1` (newest) to `.3` (oldest) in their names. What belongs to no unit is in the directory `messages`, whose name no unit can have. `boots.log` beside the directories
 * has one line a boot. The times are what makes moving output a matter of the kernel alone: no line is looked at before somebody reads it.
 *
 * Files may be read by everyone, as the journal may: journalctl reads them itself. One thread writes each of them.
 */
export const keptRotations = 3;
export const maxOutputBytes = 8 * 1024 * 1024; // with what is kept, 32 MiB of a unit's output: a day of a chatty one
export const maxRecordBytes = 2 * 1024 * 1024;
export const journalFileMode = 0o644;

/** Stands in for a unit's name where there is none. */
export const noUnit = 'messages';

export function unitJournalDir(unit: string, root = guestJournalDir): string {
  return join(root, unit);
}

/** Whose output: each has a pipe and a file of its own, so that no line is taken for another's. */
export const STREAMS = ['main', 'control'] as const;
export type OutputStream = (typeof STREAMS)[number];

/** What a unit's journal consists of. */
export const PARTS = ['events', 'syslog', ...STREAMS] as const;
export type JournalPart = (typeof PARTS)[number];
export type JournalFile = `${JournalPart}.log` | `${OutputStream}.times`;

/** `main.log` of generation 0 is the current one. */
export function partPath(directory: string, file: JournalFile, generation: number): string {
  const dot = file.indexOf('.');
  return join(directory, generation === 0 ? file : `${file.slice(0, dot)}.${generation}${file.slice(dot)}`);
}

/** One record of the times: what lies before this byte, and after the byte of the record before, arrived at this time. */
export interface TimesRecord {
  readonly end: number;
  readonly timeUs: number;
  readonly monotonicUs: number;
}

export const timesRecordBytes = 24;

export function encodeTimesRecord({ end, timeUs, monotonicUs }: TimesRecord): Uint8Array {
  const record = Buffer.alloc(timesRecordBytes);
  record.writeBigUInt64LE(BigInt(end), 0);
  record.writeBigUInt64LE(BigInt(timeUs), 8);
  record.writeBigUInt64LE(BigInt(monotonicUs), 16);
  return record;
}

/** One of a record's three numbers; a record begins with its end. */
export function readNumber(records: Buffer, at: number): number {
  return records.readUInt32LE(at) + records.readUInt32LE(at + 4) * 2 ** 32;
}

/** A line of events.log or syslog.log: `t` and `m` are realtime and monotonic microseconds. */
export type JournalRecord = MessageRecord | SpawnRecord | DatagramRecord;

/** The service manager says something about the unit. */
export interface MessageRecord {
  readonly kind: 'message';
  readonly t: number;
  readonly m: number;
  readonly priority: number;
  readonly pid: number;
  readonly text: string;
}

/** From now on, what comes through this stream is this process's. */
export interface SpawnRecord {
  readonly kind: 'spawn';
  readonly t: number;
  readonly m: number;
  readonly stream: OutputStream;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly comm: string;
  readonly identifier: string;
  readonly invocation: string;
  /** SyslogLevel=, SyslogFacility=, SyslogLevelPrefix= of systemd.exec(5). */
  readonly level: number;
  readonly facility: number;
  readonly hasPrefixes: boolean;
  /** LogLevelMax=: lines of a higher number are not shown. */
  readonly maxLevel?: number | undefined;
}

/** A datagram that a process sent. */
export interface DatagramRecord {
  readonly kind: 'datagram';
  readonly t: number;
  readonly m: number;
  readonly transport: 'syslog' | 'journal' | 'stdout';
  /** When the kernel took it, in nanoseconds: with the pid, what tells it from every other. */
  readonly sent: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly comm?: string;
  readonly fields: readonly (readonly [name: string, value: RecordValue])[];
}

/** Text, or bytes that are none, as base64. */
export type RecordValue = string | { readonly base64: string };
