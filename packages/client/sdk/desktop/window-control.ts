import type { Action, ActionResult, Point, Size } from '@bhatti/wire/display/action.ts';

import type { ActOptions, Actor, Fields } from './act.ts';

/** What can be done to one window, by the number that `desktop.windows()` gives. */
export class WindowControl {
  readonly id: number;
  readonly #actor: Actor;

  constructor(actor: Actor, id: number) {
    this.#actor = actor;
    this.id = id;
  }

  focus(options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'focus' }, options);
  }

  close(options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'close' }, options);
  }

  minimize(options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'minimize' }, options);
  }

  maximize(options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'maximize' }, options);
  }

  restore(options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'restore' }, options);
  }

  /** Its left top corner. */
  move(to: Point, options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'move', to }, options);
  }

  resize(size: Size, options: ActOptions = {}): Promise<ActionResult> {
    return this.#do({ op: 'resize', size }, options);
  }

  #do(what: Fields<'window', 'id'>, options: ActOptions): Promise<ActionResult> {
    const action: Action = { do: 'window', id: this.id, ...what };
    return this.#actor.one(action, options);
  }
}
