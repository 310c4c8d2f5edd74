import { readFileSync, readlinkSync } from 'node:fs';
import { treeOf } from './process-tree.ts';

/** Proportional memory of these processes and all below them, in MB: what several of them share is counted once. The X server is left out of the second sum where it is nothing but that. */
export function memoryOf(roots: readonly number[]): { all: number; withoutX: number } {
  const processes = treeOf(roots).map((pid) => ({ name: nameOf(pid), mb: pssMb(pid) }));
  const sum = (chosen: typeof processes) => chosen.reduce((total, { mb }) => total + mb, 0);
  return { all: sum(processes), withoutX: sum(processes.filter(({ name }) => !/\/(Xvfb|X(tiger)?vnc)$/.test(name))) };
}

function nameOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return ''; // expected: it has ended
  }
}

function pssMb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // expected: it has ended
  }
}
