import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { passExchange } from '../relay/exchange.ts';
import { endToEnd, forwardedHeaders, forwardedNames } from '../relay/headers.ts';
import { passUpgrade, type UpgradeRequest } from '../relay/upgrade.ts';
import type { SandboxEntry } from '../sandbox/entry.ts';
import type { SandboxParts } from '../sandbox/parts.ts';
import { awake, type WakeReach } from '../sandbox/wake.ts';
import type { PublishLimits } from './limits.ts';
import { errorPage } from './page.ts';

/** A request for a published port, its alias already read from its Host. */
export interface PublishedRequest {
  readonly alias: string;
  readonly host: string;
  readonly peerAddress: string;
  readonly scheme: 'http' | 'https';
}

const wakeMs = 120_000;

/** The public side: requests for `<alias>.<zone>` go to the sandbox's port, which is woken for them. */
export class Publisher {
  readonly #parts: SandboxParts;
  readonly #limits: PublishLimits;

  constructor(parts: SandboxParts, limits: PublishLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  async answer(asked: IncomingMessage, reply: ServerResponse, about: PublishedRequest): Promise<void> {
    try {
      using _admitted = this.#limits.enter(about.peerAddress, about.alias);
      const { entry, port } = this.#target(about.alias);
      using _use = await this.#wake(entry, 'start');
      announce('publish:request', { alias: about.alias, method: asked.method, path: asked.url });
      await reachingPort(entry, port, () =>
        passExchange(asked, reply, {
          pools: entry.link.portPools(port),
          path: asked.url ?? '/',
          headers: onwardHeaders(asked, about),
        }),
      );
    } catch (error) {
      const coded = toCodedError(error);
      if (coded.code === 'INTERNAL') announce('daemon:error', { alias: about.alias, error: coded.message });
      if (reply.headersSent) return void reply.destroy();
      const { status, headers, body } = errorPage(coded, asked.headers.accept);
      reply.writeHead(status, headers);
      reply.end(asked.method === 'HEAD' ? undefined : body);
    }
  }

  async answerUpgrade(upgrade: UpgradeRequest, about: PublishedRequest): Promise<void> {
    const { asked, socket } = upgrade;
    try {
      using _admitted = this.#limits.enter(about.peerAddress, about.alias);
      const { entry, port } = this.#target(about.alias);
      using _use = await this.#wake(entry, 'resume');
      announce('publish:upgrade', { alias: about.alias, path: asked.url });
      await reachingPort(entry, port, () =>
        passUpgrade(upgrade, {
          fresh: entry.link.portPools(port).fresh,
          path: asked.url ?? '/',
          headers: onwardHeaders(asked, about),
        }),
      );
    } catch (error) {
      const { status, headers, body } = errorPage(toCodedError(error), undefined);
      const lines = Object.entries({ ...headers, 'content-length': String(body.length), connection: 'close' });
      socket.end(
        `HTTP/1.1 ${status} Refused\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
      );
    }
  }

  #target(alias: string): { entry: SandboxEntry; port: number } {
    const rule = this.#parts.rules.byAlias(alias);
    const entry = rule === undefined ? undefined : this.#parts.registry.byId(rule.sandboxId);
    if (rule === undefined || entry === undefined)
      throw new CodedError(
        'NOT_FOUND',
        `nothing is published as "${alias}"`,
        { path: alias },
        { hint: 'bhatti publish NAME -p PORT' },
      );
    return { entry, port: rule.port };
  }

  async #wake(entry: SandboxEntry, reach: WakeReach): Promise<Disposable> {
    // The common case needs no timer.
    using op: Operation & Disposable = startOperation(entry.observed.phase === 'running' ? {} : { timeoutMs: wakeMs });
    return await awake(op, this.#parts, entry, reach);
  }
}

/** A guest that cannot be reached is a bad gateway to whoever came for its port. */
async function reachingPort(entry: SandboxEntry, port: number, pass: () => Promise<void>): Promise<void> {
  try {
    await pass();
  } catch (error) {
    const coded = toCodedError(error);
    if (!['CONNECTION_LOST', 'AGENT_UNREACHABLE', 'TIMED_OUT', 'ABORTED'].includes(coded.code)) throw coded;
    throw new CodedError(
      'BAD_GATEWAY',
      `port ${port} of sandbox "${entry.row.name}" does not answer`,
      { port },
      { cause: coded },
    );
  }
}

/** Host and Origin stay as they are, so that the program behind can judge them; who asked is told in the usual headers. */
function onwardHeaders(asked: IncomingMessage, about: PublishedRequest): string[] {
  // Node answers `Expect: 100-continue` itself, and sets the body's length anew.
  return [...endToEnd(asked.rawHeaders, [...forwardedNames, 'expect', 'content-length']), ...forwardedHeaders(about)];
}
