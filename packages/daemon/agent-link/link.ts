import { CodedError, describe } from '@bhatti/base/errors.ts';
import { abortReason, type Operation } from '@bhatti/base/operation.ts';
import { desktopTarget } from '@bhatti/wire/agent/connect.ts';
import { guestDisplay } from '@bhatti/wire/guest-paths.ts';
import { decodeError } from '@bhatti/wire/error.ts';
import { Agent, request, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { poolPair, type PoolPair } from './pool.ts';
import { readJson } from './reply.ts';

export interface AgentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it comes, at the pace of the sandbox. */
  readonly body?: Readable;
}

/** A connection that was upgraded or tunnelled, and what had arrived on it already. The caller owns the socket. */
export interface RawConnection {
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly reply: IncomingMessage;
}

/**
 * The way into one sandbox: its agent's HTTP over connections that the engine dials, kept open between requests. Every failure to get through is AGENT_UNREACHABLE.
 */
export class AgentLink implements Disposable {
  readonly #sandbox: string;
  readonly #dial: (op: Operation) => Promise<Duplex>;
  readonly #sockets = new Set<Duplex>();
  readonly #agentPools: PoolPair;
  readonly #desktopPools: PoolPair;
  readonly #portPools = new Map<number, PoolPair>();

  constructor(sandbox: string, dial: (op: Operation) => Promise<Duplex>) {
    this.#sandbox = sandbox;
    this.#dial = dial;
    this.#agentPools = poolPair((op) => this.#open(op));
    this.#desktopPools = poolPair((op) => this.connectDesktop(op));
  }

  /** Asks the agent and decodes nothing: the reply streams. An error reply is thrown as the error that it names. */
  async request(op: Operation, asked: AgentRequest): Promise<IncomingMessage> {
    const reply = await this.#send(op, asked);
    if ((reply.statusCode ?? 500) < 400) return reply;
    throw decodeError(await readJson(reply, `the agent of "${this.#sandbox}"`), `the agent of "${this.#sandbox}"`);
  }

  /** Asks the agent and reads the JSON document that it answers; undefined for 204. */
  async json(op: Operation, asked: AgentRequest): Promise<unknown> {
    const reply = await this.request(op, asked);
    if (reply.statusCode !== 204) return readJson(reply, `the agent of "${this.#sandbox}"`);
    reply.resume();
    return undefined;
  }

  /** A byte stream to a TCP port inside the sandbox. Throws BAD_GATEWAY when nothing listens there. */
  async connectPort(op: Operation, port: number): Promise<Duplex> {
    const socket = await this.#connect(op, `127.0.0.1:${port}`);
    if (socket !== undefined) return socket;
    throw new CodedError('BAD_GATEWAY', `nothing listens on port ${port} of sandbox "${this.#sandbox}"`, { port });
  }

  /** A byte stream to the display server's control API. Throws DISPLAY_UNAVAILABLE when it does not run. */
  async connectDesktop(op: Operation): Promise<Duplex> {
    const socket = await this.#connect(op, desktopTarget);
    if (socket !== undefined) return socket;
    throw new CodedError(
      'DISPLAY_UNAVAILABLE',
      `the desktop of sandbox "${this.#sandbox}" is not there`,
      { display: guestDisplay },
      { hint: 'images without a desktop have none; otherwise look at "systemctl status kasmvnc"' },
    );
  }

  /** A WebSocket to the agent, before its first frame. Throws the error that the agent answers instead. */
  async upgrade(op: Operation, path: string, headers: OutgoingHttpHeaders): Promise<RawConnection> {
    return this.#sendRaw(op, { method: 'GET', path, headers });
  }

  /** Connections to the agent's own HTTP, for requests that are passed on as they are. */
  get agentPools(): PoolPair {
    return this.#agentPools;
  }

  /** Connections to the display server's control API. Making one throws DISPLAY_UNAVAILABLE when it does not run. */
  get desktopPools(): PoolPair {
    return this.#desktopPools;
  }

  /** Connections to a TCP port inside the sandbox. Making one throws BAD_GATEWAY when nothing listens there. */
  portPools(port: number): PoolPair {
    const found = this.#portPools.get(port);
    if (found !== undefined) return found;
    const pools = poolPair((op) => this.connectPort(op, port));
    this.#portPools.set(port, pools);
    return pools;
  }

  /** Drops connections that nobody uses. To be called before a pause: the guest's timers run out in its sleep, and it closes them when it wakes. */
  dropIdle(): void {
    this.#agentPools.kept.closeIdle();
    this.#desktopPools.kept.closeIdle();
    for (const pools of this.#portPools.values()) pools.kept.closeIdle();
  }

  /** Ends every connection at once, those in use included. The link can be used again afterwards. */
  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A tunnel; undefined when the agent says that nobody is there. */
  async #connect(op: Operation, target: string): Promise<Duplex | undefined> {
    const { socket, head, reply } = await this.#sendRaw(op, {
      method: 'CONNECT',
      path: target,
      headers: { host: target },
    });
    if (reply.statusCode !== 200) {
      socket.destroy();
      return undefined;
    }
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  async #open(op: Operation): Promise<Duplex> {
    const socket = await this.#dial(op);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #send(op: Operation, asked: AgentRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = this.#begin(op, asked, this.#agentPools.kept, reject);
      sent.once('response', resolve);
      finish(sent, asked);
    });
  }

  #sendRaw(op: Operation, asked: AgentRequest): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const sent = this.#begin(op, asked, this.#agentPools.fresh, reject);
      const taken = (reply: IncomingMessage, socket: Duplex, head: Uint8Array) => resolve({ socket, head, reply });
      sent.once('upgrade', taken);
      sent.once('connect', taken);
      sent.once('response', (reply) => {
        const peer = `the agent of "${this.#sandbox}"`;
        readJson(reply, peer).then((document) => reject(decodeError(document, peer)), reject);
      });
      finish(sent, asked);
    });
  }

  #begin(op: Operation, asked: AgentRequest, pool: Agent, reject: (error: CodedError) => void): ClientRequest {
    op.check();
    const body = asked.json === undefined ? undefined : { 'content-type': 'application/json' };
    const sent = request({
      agent: pool,
      method: asked.method,
      path: asked.path,
      headers: { host: 'agent', ...asked.headers, ...body },
      setHost: false,
    });
    const abort = () => sent.destroy(abortReason(op.signal));
    op.signal.addEventListener('abort', abort, { once: true });
    sent.once('close', () => op.signal.removeEventListener('abort', abort));
    sent.once('error', (error) => reject(this.#unreachable(error)));
    return sent;
  }

  #unreachable(error: unknown): CodedError {
    if (error instanceof CodedError) return error;
    return new CodedError(
      'AGENT_UNREACHABLE',
      `cannot reach the agent of sandbox "${this.#sandbox}": ${describe(error)}`,
      { sandbox: this.#sandbox },
      { cause: error },
    );
  }
}

function finish(sent: ClientRequest, asked: AgentRequest): void {
  if (asked.body !== undefined) asked.body.pipe(sent);
  else if (asked.json === undefined) sent.end();
  else sent.end(JSON.stringify(asked.json));
}
