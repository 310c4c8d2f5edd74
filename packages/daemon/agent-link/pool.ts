import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import { Agent, type AgentOptions, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

// Servers close a connection after 5 s without a request, as a rule. Ours close first: a request on a connection that is just being closed could not be told from one that was heard.
const idleConnectionMs = 3_000;
const dialMs = 10_000; // an accepted connection takes 0.1 ms; this is for a host under heavy load
const maxIdleConnections = 16;

/** `kept` connections stay open between requests, `fresh` ones carry one request, or become something else. */
export interface PoolPair {
  readonly kept: DialledPool;
  readonly fresh: DialledPool;
}

/** Pools whose connections `open` makes. */
export function poolPair(open: (op: Operation) => Promise<Duplex>): PoolPair {
  return {
    kept: new DialledPool(open, { keepAlive: true, maxFreeSockets: maxIdleConnections }),
    fresh: new DialledPool(open, { keepAlive: false }),
  };
}

/** An HTTP connection pool whose connections `open` makes. */
class DialledPool extends Agent {
  readonly #open: (op: Operation) => Promise<Duplex>;

  constructor(open: (op: Operation) => Promise<Duplex>, options: AgentOptions) {
    super(options);
    this.#open = open;
    this.on('free', (socket: Duplex) => closeWhenIdle(socket));
  }

  closeIdle(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, socket: Duplex) => void): undefined {
    if (callback !== undefined) void this.#dial(callback);
    return undefined;
  }

  async #dial(callback: (error: Error | null, socket: Duplex) => void): Promise<void> {
    using op = startOperation({ timeoutMs: dialMs });
    try {
      callback(null, await this.#open(op));
    } catch (error) {
      // WHY: node's type asks for a socket beside the error; its code never looks at it.
      callback(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex);
    }
  }

  override reuseSocket(socket: Duplex, sent: ClientRequest): void {
    clearTimeout(idleTimers.get(socket));
    super.reuseSocket(socket, sent);
  }
}

const idleTimers = new WeakMap<Duplex, ReturnType<typeof setTimeout>>();

function closeWhenIdle(socket: Duplex): void {
  clearTimeout(idleTimers.get(socket));
  const timer = setTimeout(() => socket.destroy(), idleConnectionMs);
  timer.unref();
  idleTimers.set(socket, timer);
}
