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

/** The command line as people read it; the name in brackets for a process without one. */
export function readCommandLine(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word, at, all) => at < all.length - 1 || word !== '');
    return words.length > 0 ? words.join(' ') : `[${readProcess(pid)?.command ?? ''}]`;
  } catch {
    return ''; // expected: it is gone
  }
}
