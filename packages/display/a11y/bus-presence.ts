import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { XConnection } from '../source/x-connection.ts';
import type { BusConnection } from './bus/connection.ts';
import { openRegistry } from './registry.ts';

const propertyReplace = 0;
const stringType = 31; // predefined atoms of the X protocol
const firstDelayMs = 20; // the bus starts at the same time as we do, and takes 10 ms
const longestDelayMs = 60_000;

/** Makes the bus known to programs: its address is on the root window, where toolkits look when a program starts, and its registry is there. Best effort: the desktop waits for none of it. */
export class BusPresence implements Disposable {
  readonly #busPath: string;
  #registry: BusConnection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delayMs = firstDelayMs;
  #isOver = false;

  constructor(x: XConnection, busPath: string) {
    this.#busPath = busPath;
    x.client.InternAtom(false, 'AT_SPI_BUS', (_error, atom) => {
      const address = Buffer.from(`unix:path=${busPath}`);
      x.client.ChangeProperty(propertyReplace, x.screen.root, atom, stringType, 8, address);
    });
    void this.#join();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#registry?.[Symbol.dispose]();
  }

  async #join(): Promise<void> {
    try {
      const registry = await openRegistry(this.#busPath);
      if (this.#isOver) return registry[Symbol.dispose]();
      this.#delayMs = firstDelayMs;
      this.#registry = registry;
      registry.onClosed = () => this.#joinLater();
    } catch (error) {
      announce('display:error', { a11yBus: describe(error) });
      this.#joinLater();
    }
  }

  #joinLater(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => void this.#join(), this.#delayMs);
    this.#delayMs = Math.min(longestDelayMs, this.#delayMs * 2);
  }
}
