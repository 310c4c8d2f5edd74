import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface StrayRequest {
  /** Names of programs, as the links /proc/PID/exe end. */
  readonly programs: readonly string[];
  /** Text that one of the arguments contains: a path that only our own calls name. */
  readonly argument: string;
}

/**
 * Kills programs that an earlier run of this process started and that outlived it. Children of this process are left alone. Returns the pids.
 */
export function killStrays(request: StrayRequest): number[] {
  const strays = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isStray(pid, request));
  for (const pid of strays) tryKill(pid);
  return strays;
}

function isStray(pid: number, { programs, argument }: StrayRequest): boolean {
  try {
    const exe = basename(readlinkSync(`/proc/${pid}/exe`));
    if (!programs.includes(exe)) return false;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return parent !== process.pid && argv.some((part) => part.includes(argument));
  } catch {
    return false; // expected: a kernel thread, or it ended meanwhile
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Expected: it ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
