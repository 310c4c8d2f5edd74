import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a sandbox takes of the machine, all of its processes together. */
export interface ControlGroup {
  /** Memory that the kernel could not have back without writing or stopping something: pages of files that were read and rest are left out. */
  workingSetMb(): number;
  cpuSeconds(): number;
}

/** The control group of the sandbox with this first process, on hosts with either version. */
export function controlGroupOf(init: number, sandboxId: string): ControlGroup {
  const lines = readFileSync(`/proc/${init}/cgroup`, 'utf8').split('\n');
  // The first process may be in a group below the sandbox's own.
  const pathIn = (controllers: string) => {
    const path = lines.map((line) => line.split(':')).find(([, names]) => names === controllers)?.[2] ?? '';
    return path.slice(0, path.indexOf(sandboxId) + sandboxId.length);
  };
  const root = '/sys/fs/cgroup';
  const old = { memory: join(root, 'memory', pathIn('memory')), cpu: join(root, 'cpuacct', pathIn('cpuacct')) };
  const unified = join(root, pathIn(''));
  if (existsSync(join(unified, 'memory.current'))) {
    return {
      workingSetMb: () => toMb(read(unified, 'memory.current') - statOf(unified, 'memory.stat', 'inactive_file')),
      cpuSeconds: () => statOf(unified, 'cpu.stat', 'usage_usec') / 1e6,
    };
  }
  return {
    workingSetMb: () =>
      toMb(read(old.memory, 'memory.usage_in_bytes') - statOf(old.memory, 'memory.stat', 'total_inactive_file')),
    cpuSeconds: () => read(old.cpu, 'cpuacct.usage') / 1e9,
  };
}

function read(group: string, file: string): number {
  return Number(readFileSync(join(group, file), 'utf8'));
}

function statOf(group: string, file: string, name: string): number {
  const line = readFileSync(join(group, file), 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}

function toMb(bytes: number): number {
  return bytes / (1024 * 1024);
}
