import { readFileSync } from 'node:fs';

/** A process by number and start time, which together never name another one. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly startTicks: number;
}

/** Whether exactly this process still runs; a zombie does not. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTicks === identity.startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** Whether the process has installed a handler for this signal, or blocks it to read it from a descriptor. */
export function catchesSignal(pid: number, signal: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const masks = [...status.matchAll(/^Sig(?:Cgt|Blk):\s*([0-9a-f]+)$/gm)].map((match) => BigInt(`0x${match[1]}`));
    return masks.some((mask) => ((mask >> BigInt(signal - 1)) & 1n) === 1n);
  } catch {
    return false; // expected: it is gone
  }
}

/** The name of the program that a process runs, at most 15 characters; undefined when it is gone. */
export function processName(pid: number): string | undefined {
  return readStat(pid)?.name;
}

/** The environment that a process was started with; undefined when it is gone or somebody else's. */
export function readEnvironment(pid: number): Record<string, string> | undefined {
  try {
    const lines = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  } catch {
    return undefined; // expected: it is gone, or may not be looked at
  }
}

function readStat(pid: number): { name: string; state: string; startTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so fields are counted from its end: state is field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    return { name, state: fields[0] ?? '', startTicks: Number(fields[19]) };
  } catch {
    return undefined; // expected: no such process
  }
}
