import { monotonicUs } from '@bhatti/sys/clock.ts';
import { readFileSync } from 'node:fs';

const knownUs = 250_000; // how long a process is taken for what it was: a flood is not looked up line by line
const maxKnown = 256;

export interface Sender {
  /** Undefined where it belongs to no unit, or has ended already. */
  readonly unit: string | undefined;
  readonly comm: string | undefined;
}

/** Which unit processes belong to, by their cgroups. */
export class SenderTable {
  readonly #known = new Map<number, { readonly sender: Sender; readonly untilUs: number }>();

  find(pid: number): Sender {
    const nowUs = monotonicUs();
    const known = this.#known.get(pid);
    if (known !== undefined && nowUs < known.untilUs) return known.sender;
    const sender = {
      unit: unitOfCgroup(tryRead(`/proc/${pid}/cgroup`)),
      comm: tryRead(`/proc/${pid}/comm`)?.replace(/\n$/, ''),
    };
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(pid, { sender, untilUs: nowUs + knownUs });
    return sender;
  }
}

/** The unit in /proc/PID/cgroup: the first group below the slices. Commands of people are in none, they are among lohar's own. */
export function unitOfCgroup(text: string | undefined): string | undefined {
  const path = /^0::(.*)$/m.exec(text ?? '')?.[1] ?? '';
  const unit = path.split('/').find((part) => /\.(?:service|socket|mount|swap|scope)$/.test(part));
  return unit === 'init.scope' ? undefined : unit;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // expected: the process has ended
  }
}
