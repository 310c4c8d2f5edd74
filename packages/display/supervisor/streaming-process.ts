import { announce } from '@bhatti/base/log.ts';
import type { Account } from '@bhatti/sys/account.ts';
import { openPipe, PipeWriter } from '@bhatti/sys/process/pipe.ts';
import { type Child, spawnWith } from '@bhatti/sys/process/spawn.ts';
import { closeSync } from 'node:fs';
import { encodeOrders, type Orders } from './orders.ts';
import { environmentOf, stopChild } from './x-server.ts';

export interface StreamingProcessOptions {
  readonly executable: string;
  /** The command line of Xkasmvnc. */
  readonly args: readonly string[];
  /** Variables that the settings are read from. */
  readonly environment: Readonly<Record<string, string>>;
  readonly account: Account;
  readonly orders: Orders;
}

const firstDelayMs = 0; // the first restart is at once: viewers reconnect within the second
const longestDelayMs = 10_000;
const healthyAfterMs = 10_000; // a process that ran this long starts its back-off anew
const stopTimeoutMs = 3_000;

/** The process that captures, encodes and serves. When it dies it is started again, later and later if it keeps dying; X and the desktop do not notice. */
export class StreamingProcess {
  readonly #options: StreamingProcessOptions;
  #orders: Orders;
  #child: Child | undefined;
  #input: PipeWriter | undefined;
  #isStopping = false;
  #delayMs = firstDelayMs;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamingProcessOptions) {
    this.#options = options;
    this.#orders = options.orders;
    this.#start();
  }

  give(orders: Orders): void {
    this.#orders = orders;
    void this.#input?.write(encodeOrders(orders));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.#input?.close();
    if (this.#child !== undefined) await stopChild(this.#child, stopTimeoutMs);
  }

  #start(): void {
    const { executable, args, environment, account } = this.#options;
    const startedAtMs = performance.now();
    const pipe = openPipe(0, 0);
    const child = spawnWith(
      {
        path: executable,
        argv: ['Xkasmvnc', '--stream', ...args],
        env: { ...environment, ...environmentOf(account) },
        cwd: '/',
        credentials: { uid: account.uid, gid: account.gid, groups: account.groups },
      },
      [pipe.readFd, 1, 2],
    );
    closeSync(pipe.readFd);
    this.#child = child;
    this.#input = new PipeWriter(pipe.writeFd);
    void this.#input.write(encodeOrders(this.#orders));
    announce('display:start', { pid: child.pid });
    void child.exited.then((exit) => {
      this.#input?.close();
      this.#child = undefined;
      if (this.#isStopping) return;
      if (performance.now() - startedAtMs > healthyAfterMs) this.#delayMs = firstDelayMs;
      console.error(`the streaming process ended (${exit.signal ?? `exit ${exit.exitCode}`}); starting it again`);
      this.#timer = setTimeout(() => this.#start(), this.#delayMs);
      this.#delayMs = Math.min(longestDelayMs, Math.max(100, this.#delayMs * 2));
    });
  }
}
