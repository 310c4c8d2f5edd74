import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Memory of a process in KiB: its share of what it has mapped, the pages of its executable left out, since they are the same for all that run it. */
export function memoryKib(pid: number): number {
  const program = readlinkSync(`/proc/${pid}/exe`);
  let total = 0;
  let isProgram = false;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isProgram = line.endsWith(program);
    const [, name, kib] = /^(Pss|Anonymous): +(\d+)/.exec(line) ?? [];
    if (name === (isProgram ? 'Anonymous' : 'Pss')) total += Number(kib);
  }
  return total;
}

export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Threads of a process with this name. */
export function threadCount(pid: number, name: string): number {
  const names = readdirSync(`/proc/${pid}/task`).map((id) => {
    try {
      return readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim();
    } catch {
      return ''; // expected: it has ended
    }
  });
  return names.filter((each) => each === name).length;
}

/** Shared memory segments that these processes made, as /proc/sysvipc/shm has them. */
export function segmentsOf(pids: readonly number[]): string[] {
  const lines = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
  return lines.filter((line) => pids.includes(Number(line.trim().split(/\s+/)[4])));
}
