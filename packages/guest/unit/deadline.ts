import { boottimeUs } from '@bhatti/sys/clock.ts';
import type { ServiceRecord } from './service-record.ts';
import type { ServiceEvent } from './service-table.ts';

const longestTimerMs = 0x7fff_ffff; // beyond it a timer fires at once; 24 days are as good as for ever

/** The one moment a service waits for: the end of a time-out or of the pause before a restart. It stands in the record, so that an heir waits no longer than was left. */
export class Deadline {
  readonly #record: ServiceRecord;
  readonly #happen: (event: ServiceEvent) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(record: ServiceRecord, happen: (event: ServiceEvent) => void) {
    this.#record = record;
    this.#happen = happen;
  }

  /** Infinity is never. */
  arm(ms: number, event: ServiceEvent): void {
    this.disarm();
    if (ms === Infinity) return;
    this.#record.plainDeadlineBootUs = boottimeUs() + ms * 1_000;
    this.#wait(this.#record.plainDeadlineBootUs, event);
  }

  /** EXTEND_TIMEOUT_USEC= of sd_notify(3): at least this long from now, and never shorter than it would have been. */
  extend(ms: number): void {
    const { plainDeadlineBootUs } = this.#record;
    if (plainDeadlineBootUs === undefined) return;
    this.#wait(Math.max(plainDeadlineBootUs, boottimeUs() + ms * 1_000), 'timedOut');
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#record.deadlineBootUs = undefined;
    this.#record.plainDeadlineBootUs = undefined;
  }

  resume(event: ServiceEvent): void {
    const { deadlineBootUs } = this.#record;
    if (deadlineBootUs !== undefined) this.#wait(deadlineBootUs, event);
  }

  #wait(untilBootUs: number, event: ServiceEvent): void {
    clearTimeout(this.#timer);
    this.#record.deadlineBootUs = untilBootUs;
    const ms = Math.max(0, (untilBootUs - boottimeUs()) / 1_000);
    this.#timer = setTimeout(() => this.#happen(event), Math.min(ms, longestTimerMs));
  }
}
