import type { ActOptions, Actor } from './act.ts';

/** The text that the desktop's programs copy and paste. */
export class Clipboard {
  readonly #actor: Actor;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  async read(options: ActOptions = {}): Promise<string> {
    return (await this.#actor.ask({ do: 'copied' }, ['text'], options)).text;
  }

  async write(text: string, options: ActOptions = {}): Promise<void> {
    await this.#actor.one({ do: 'copy', text }, options);
  }
}
