import type { Health } from '@bhatti/wire/control/health.ts';

import { Calls, type CallOptions } from './calls.ts';
import { openTransport, type HostOptions } from './host.ts';
import { lazyClient } from './lazy-client.ts';
import { Images } from './images.ts';
import { Sandboxes } from './sandboxes.ts';
import type { Transport } from '../transport.ts';

export interface BhattiOptions extends HostOptions {
  /** How often a call that may be made twice is made again after a failure that can pass. Default 2. */
  readonly retries?: number | undefined;
  /** How bytes reach the daemon, instead of all of the above. */
  readonly transport?: Transport | undefined;
}

const firstPauseMs = 100; // a daemon that is replaced by the next one is away for less than half a second

/**
 * One daemon. Nothing is sent before the first call.
 *
 * ```ts
 * const bhatti = new Bhatti();
 * await using sandbox = await bhatti.sandboxes.create({ image: 'computer' });
 * ```
 */
export class Bhatti {
  readonly sandboxes: Sandboxes;
  readonly images: Images;
  readonly #calls: Calls;

  constructor(options: BhattiOptions = {}) {
    const { retries = 2, transport } = options;
    const openApi = async () => {
      const [{ Api }, opened] = await Promise.all([import('../api.ts'), transport ?? openTransport(options)]);
      return new Api(opened);
    };
    this.#calls = new Calls(lazyClient(openApi), { retries, firstPauseMs });
    this.sandboxes = new Sandboxes(this.#calls);
    this.images = new Images(this.#calls);
  }

  /** Whether the daemon answers, and which version it is. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#calls.repeat(options, async (op) => (await this.#calls.client.health()).get(op));
  }
}
