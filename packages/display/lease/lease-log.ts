import { announce, type Channel, type LogFields } from '@bhatti/base/log.ts';
import { maxLeaseEvents, type LeaseEvent } from '@bhatti/wire/display/lease.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

const channels: Readonly<Record<LeaseEvent['event'], Channel>> = {
  taken: 'lease:taken',
  returned: 'lease:returned',
  refused: 'lease:refused',
  helpAsked: 'lease:help',
  helpEnded: 'lease:help',
  private: 'lease:private',
};

/** What became of the input lately: announced as it happens, and the last of it kept. */
export class LeaseLog {
  readonly #events: LeaseEvent[] = [];

  get events(): readonly LeaseEvent[] {
    return this.#events;
  }

  add(event: WithoutTime<LeaseEvent>): void {
    const { event: what, ...fields } = event;
    announce(channels[what], { what, ...fields } satisfies LogFields);
    const last = this.#events.at(-1);
    // An agent that tries again and again must not push out what else there is to see.
    if (event.event === 'refused' && last?.event === 'refused') {
      this.#events[this.#events.length - 1] = { ...last, action: event.action, count: last.count + event.count };
      return;
    }
    if (this.#events.length === maxLeaseEvents) this.#events.shift();
    this.#events.push({ at: new Date().toISOString(), ...event });
  }
}
