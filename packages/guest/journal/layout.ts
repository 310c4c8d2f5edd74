import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { join } from 'node:path';

/*
 * What a unit's journal is on disk: `main.log`, the bytes its main process and all below it wrote, exactly; `main.index`, when which byte arrived; `control.log` and `control.index`, the same of
 * commands beside it (ExecStartPre= and their kin); `events.log`, what the service manager has to say, one JSON document a line. Rotated ones have `.1` (newest) to `.3` (oldest) in their names. The index is what makes moving output a matter of the kernel alone:
 * no line is looked at before somebody reads it.
 */
export const keptRotations = 3;
export const maxOutputBytes = 8 * 1024 * 1024;
export const maxEventBytes = 1024 * 1024;

export function unitJournalDir(unit: string, root = guestJournalDir): string {
  return join(root, unit);
}

/** Whose output: each has a pipe and a file of its own, so that no line is taken for another's. */
export const STREAMS = ['main', 'control'] as const;
export type OutputStream = (typeof STREAMS)[number];
export type JournalPart = `${OutputStream}.log` | `${OutputStream}.index` | 'events.log';

/** `main.log` of generation 0 is the current one. */
export function partPath(directory: string, part: JournalPart, generation: number): string {
  const dot = part.indexOf('.');
  return join(directory, generation === 0 ? part : `${part.slice(0, dot)}.${generation}${part.slice(dot)}`);
}

/** One record of the index: from this byte on, what follows arrived at this time. */
export const indexRecordBytes = 16;

export function encodeIndexRecord(offset: number, timeUs: number): Uint8Array {
  const record = Buffer.alloc(indexRecordBytes);
  record.writeBigUInt64LE(BigInt(offset), 0);
  record.writeBigUInt64LE(BigInt(timeUs), 8);
  return record;
}

/** A line of events.log. */
export type JournalEvent =
  /** The service manager says something about the unit. */
  | {
      readonly kind: 'message';
      readonly t: number;
      readonly priority: number;
      readonly pid: number;
      readonly text: string;
    }
  /** From now on, what comes through this stream is this process's. */
  | {
      readonly kind: 'spawn';
      readonly t: number;
      readonly stream: OutputStream;
      readonly pid: number;
      readonly identifier: string;
      /** Priority of lines without a prefix; 6 where it is missing. */
      readonly level?: number;
      /** `<3>` before a line is part of it. */
      readonly isPlain?: boolean;
      /** Lines of a higher number are left out. */
      readonly maxLevel?: number;
    };

/** Who writes into a stream from now on, and how its lines are to be read (systemd.exec(5), "Logging"). */
export interface Speaker {
  readonly identifier: string;
  readonly level: number;
  readonly hasPrefixes: boolean;
  readonly maxLevel: number | undefined;
}
