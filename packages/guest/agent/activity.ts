import { readFileSync } from 'node:fs';

const busyShare = 0.05; // of one core; an idle desktop uses about a hundredth

/** Whether the guest works: somebody's command runs, or its processes use the CPU. */
export class Activity {
  /** Called when somebody asks for something. */
  onWork: () => void = () => {};
  readonly #cpuStat: string | undefined;
  #running = 0;
  #lastUsageUs: number;
  #lastAtMs: number;

  /** `cpuStat` is the cpu.stat file of the cgroup that holds the whole guest. */
  constructor(cpuStat: string | undefined) {
    this.#cpuStat = cpuStat;
    this.#lastUsageUs = readUsageUs(cpuStat);
    this.#lastAtMs = performance.now();
  }

  /** Counts one command until the result is disposed of. */
  begin(): Disposable {
    this.#running += 1;
    return { [Symbol.dispose]: () => void (this.#running -= 1) };
  }

  /** Whether somebody's command runs. */
  isRunning(): boolean {
    return this.#running > 0;
  }

  /** CPU use is measured from one call to the next. */
  isBusy(): boolean {
    const usageUs = readUsageUs(this.#cpuStat);
    const now = performance.now();
    const share = (usageUs - this.#lastUsageUs) / 1_000 / Math.max(1, now - this.#lastAtMs);
    this.#lastUsageUs = usageUs;
    this.#lastAtMs = now;
    return this.#running > 0 || share > busyShare;
  }
}

function readUsageUs(path: string | undefined): number {
  if (path === undefined) return 0;
  try {
    return Number(/^usage_usec (\d+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // expected: a host without cgroup v2
  }
}
