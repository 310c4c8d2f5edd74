import { boottimeUs } from '@bhatti/sys/clock.ts';
import type { Job } from './job.ts';

const longestTimerMs = 0x7fff_ffff; // beyond it a timer fires at once

/** `JobTimeoutSec=` and `JobRunningTimeoutSec=`: how long a job may be queued, and how long it may take. */
export class JobTimer {
  readonly #expire: (job: Job) => void;
  readonly #timers = new Map<Job, ReturnType<typeof setTimeout>>();

  constructor(expire: (job: Job) => void) {
    this.#expire = expire;
  }

  /** Again when the job has begun: its second limit counts from there. */
  watch(job: Job): void {
    this.forget(job);
    const { timeoutMs, runningTimeoutMs } = job.unit.definition.jobs;
    const ends = [job.queuedBootUs / 1_000 + timeoutMs];
    if (job.startedBootUs !== undefined) ends.push(job.startedBootUs / 1_000 + runningTimeoutMs);
    const leftMs = Math.min(...ends) - boottimeUs() / 1_000;
    if (leftMs === Infinity) return;
    const timer = setTimeout(() => this.#expire(job), Math.min(Math.max(leftMs, 0), longestTimerMs));
    this.#timers.set(job, timer);
  }

  forget(job: Job): void {
    clearTimeout(this.#timers.get(job));
    this.#timers.delete(job);
  }
}
