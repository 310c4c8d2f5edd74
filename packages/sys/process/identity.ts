import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from './proc.ts';

export interface ProcessStat extends ProcessIdentity {
  readonly parentPid: number;
  readonly sessionId: number;
  readonly command: string;
  readonly isZombie: boolean;
}

/** What /proc says of a process now; undefined when there is none. */
export function readProcess(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so fields are counted from its end: state is field 3.
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    return {
      pid,
      startTicks: Number(fields[19]),
      parentPid: Number(fields[1]),
      sessionId: Number(fields[3]),
      command: text.slice(text.indexOf('(') + 1, end),
      isZombie: fields[0] === 'Z' || fields[0] === 'X',
    };
  } catch {
    return undefined; // expected: no such process
  }
}

/** argv; empty for a process that has none, or that is gone. */
export function readArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word, at, all) => at < all.length - 1 || word !== '');
  } catch {
    return []; // expected: it is gone
  }
}
