import { hasCode } from '@bhatti/base/errors.ts';
import type { EditRequest, Sandbox as SandboxDocument } from '@bhatti/wire/control/sandbox.ts';

import type { Calls, CallOptions } from './calls.ts';
import { Desktop } from './desktop/desktop.ts';
import { execOf, type Exec } from './exec.ts';
import { Files } from './files.ts';
import { publishedOf, type OpenPort, type PublishedPort } from './ports.ts';
import { infoOf, type SandboxInfo } from './sandbox-info.ts';

export interface SandboxChange {
  readonly name?: string | undefined;
  readonly keepHot?: boolean | undefined;
  readonly addLabels?: Readonly<Record<string, string>> | undefined;
  readonly removeLabels?: readonly string[] | undefined;
}

/** One isolated Linux computer. A paused or stopped one wakes by itself when it is used. */
export class Sandbox {
  readonly id: string;
  readonly exec: Exec;
  readonly files: Files;
  readonly desktop: Desktop;
  readonly #calls: Calls;
  #info: SandboxInfo;

  constructor(calls: Calls, document: SandboxDocument) {
    this.id = document.id;
    this.exec = execOf(calls, this.id);
    this.files = new Files(calls, this.id);
    this.desktop = new Desktop(calls, this.id);
    this.#calls = calls;
    this.#info = infoOf(document);
  }

  get name(): string {
    return this.#info.name;
  }

  /** As it was when it was last heard of; `refresh` asks again. */
  get info(): SandboxInfo {
    return this.#info;
  }

  refresh(options: CallOptions = {}): Promise<SandboxInfo> {
    return this.#update(options, (sandboxes, op) => sandboxes.get(op, this.id));
  }

  edit(change: SandboxChange, options: CallOptions = {}): Promise<SandboxInfo> {
    const request: EditRequest = {
      name: change.name,
      keep_hot: change.keepHot,
      labels_add: change.addLabels === undefined ? undefined : { ...change.addLabels },
      labels_remove: change.removeLabels === undefined ? undefined : [...change.removeLabels],
    };
    return this.#update(options, (sandboxes, op) => sandboxes.edit(op, this.id, request));
  }

  start(options: CallOptions = {}): Promise<SandboxInfo> {
    return this.#update(options, (sandboxes, op) => sandboxes.start(op, this.id));
  }

  /** Files stay, processes end. */
  stop(options: CallOptions = {}): Promise<SandboxInfo> {
    return this.#update(options, (sandboxes, op) => sandboxes.stop(op, this.id));
  }

  /** Nothing runs until it is used or resumed; memory stays. */
  pause(options: CallOptions = {}): Promise<SandboxInfo> {
    return this.#update(options, (sandboxes, op) => sandboxes.pause(op, this.id));
  }

  resume(options: CallOptions = {}): Promise<SandboxInfo> {
    return this.#update(options, (sandboxes, op) => sandboxes.resume(op, this.id));
  }

  /** Takes it away with all its files. */
  async destroy(options: CallOptions = {}): Promise<void> {
    await this.#calls.repeat(options, async (op, tries) => {
      try {
        await (await this.#calls.client.sandboxes()).destroy(op, this.id);
      } catch (error) {
        // The try before was heard, and its answer lost.
        if (tries === 0 || !hasCode(error, 'SANDBOX_NOT_FOUND')) throw error;
      }
    });
  }

  /** Makes a port reachable from outside. One that is published already stays as it is. */
  publish(port: number, options: CallOptions & { readonly alias?: string } = {}): Promise<PublishedPort> {
    const { alias } = options;
    return this.#calls.repeat(options, async (op) =>
      publishedOf(
        await (
          await this.#calls.client.publish()
        ).create(op, this.id, { port, ...(alias === undefined ? {} : { alias }) }),
      ),
    );
  }

  /** Throws PUBLISH_RULE_NOT_FOUND. */
  unpublish(port: number, options: CallOptions = {}): Promise<void> {
    return this.#calls.once(options, async (op) => (await this.#calls.client.publish()).delete(op, this.id, port));
  }

  published(options: CallOptions = {}): Promise<PublishedPort[]> {
    return this.#calls.repeat(options, async (op) =>
      (await (await this.#calls.client.publish()).list(op, this.id)).map(publishedOf),
    );
  }

  /** TCP ports that something listens on in the sandbox. */
  ports(options: CallOptions = {}): Promise<OpenPort[]> {
    return this.#calls.repeat(options, async (op) => {
      const ports = await (await this.#calls.client.ports()).list(op, this.id);
      return ports.map(({ container_port, proxy_url }) => ({ port: container_port, url: proxy_url }));
    });
  }

  async #update(options: CallOptions, ask: Ask): Promise<SandboxInfo> {
    const document = await this.#calls.repeat(options, async (op) => ask(await this.#calls.client.sandboxes(), op));
    this.#info = infoOf(document);
    return this.#info;
  }
}

type SandboxCalls = Awaited<ReturnType<Calls['client']['sandboxes']>>;
type Ask = (sandboxes: SandboxCalls, op: { readonly signal: AbortSignal }) => Promise<SandboxDocument>;
