// Answers for a desktop's actions where no display server does: it takes what the contract allows and nothing else, remembers it, and says what the test wants said. All other requests
// go to a real daemon, where there is one.
import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import {
  BatchSchema,
  type Action,
  type ActionResult,
  type Batch,
  type BatchReply,
  type Picture,
} from '@bhatti/wire/display/action.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { pngOf } from './small-png.ts';

export class StandInDesktop implements AsyncDisposable {
  readonly batches: Batch[] = [];
  readonly screenshots: string[] = [];
  /** What an action has to say beside that it went well. */
  answer: (action: Action) => Partial<ActionResult> = answers;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(upstream: string | undefined) {
    this.#server = createServer((asked, reply) => void this.#answer(upstream, asked, reply));
    this.#server.on('connection', (socket) => this.#open.add(socket));
    this.#server.on('upgrade', (asked, socket, head) => {
      const behind = connect(upstream ?? '/nowhere');
      behind.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
      behind.write(headOf(asked));
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
  }

  /** `listen`: a unix socket; else a port of the loopback. `upstream`: the control socket of the daemon behind. */
  static async start(options: { listen?: string; upstream?: string } = {}): Promise<StandInDesktop> {
    const stand = new StandInDesktop(options.upstream);
    await new Promise<void>((resolve) => {
      if (options.listen === undefined) stand.#server.listen(0, '127.0.0.1', resolve);
      else stand.#server.listen(options.listen, resolve);
    });
    return stand;
  }

  get url(): string {
    // SAFETY: a TCP server that listens has such an address.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The actions of all batches so far, in order. */
  get actions(): Action[] {
    return this.batches.flatMap(({ actions }) => actions);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(upstream: string | undefined, asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    const path = asked.url ?? '';
    if (/^\/sandboxes\/[^/]+\/screenshot\b/.test(path)) {
      this.screenshots.push(path);
      reply.writeHead(200, { 'content-type': 'image/png' }).end(pngOf(2, 2));
    } else if (/^\/sandboxes\/[^/]+\/actions$/.test(path) && asked.method === 'POST') await this.#act(asked, reply);
    else if (upstream !== undefined) passOn(upstream, asked, reply);
    else sendError(reply, new CodedError('NOT_FOUND', `nothing is at "${path}"`, { path }));
  }

  async #act(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    try {
      let text = '';
      for await (const part of asked) text += String(part);
      const batch = decodeRequest(BatchSchema, JSON.parse(text), 'batch');
      this.batches.push(batch);
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#replyTo(batch)));
    } catch (error) {
      sendError(reply, toCodedError(error));
    }
  }

  #replyTo(batch: Batch): BatchReply {
    let hasFailed = false;
    const results = batch.actions.map((action): ActionResult => {
      const skipped = hasFailed && batch.goOn !== true;
      const plain = { do: action.do, ok: !skipped, changed: false, frameSerial: 1, ms: 0 };
      const result = skipped ? { ...plain, skipped } : { ...plain, ...this.answer(action) };
      hasFailed ||= !result.ok;
      return result;
    });
    const screen = { width: 1280, height: 720, depth: 24 };
    const reply = { results, ok: !hasFailed, screen, frameSerial: 1, ms: 0 };
    return batch.screenshot === undefined ? reply : { ...reply, screenshot: picture() };
  }
}

/** What the actions that ask for something are told. */
function answers(action: Action): Partial<ActionResult> {
  if (action.do === 'cursor') return { x: 0, y: 7 };
  if (action.do === 'size') return { screen: { width: 1280, height: 720, depth: 24 } };
  if (action.do === 'windows')
    return { windows: [{ id: 7, title: 'Terminal', x: 0, y: 0, width: 10, height: 10, active: true }] };
  if (action.do === 'copied') return { text: 'copied' };
  if (action.do === 'settle') return { settled: true };
  if (action.do === 'launch') return { pid: 42 };
  if (action.do === 'screenshot' || action.do === 'zoom') return { picture: picture() };
  return {};
}

function picture(): Picture {
  return { format: 'png', width: 2, height: 2, data: Buffer.from(pngOf(2, 2)).toString('base64') };
}

function passOn(upstream: string, asked: IncomingMessage, reply: ServerResponse): void {
  const { method, url, headers } = asked;
  const sent = request({ socketPath: upstream, method, path: url, headers }, (behind) => {
    reply.writeHead(behind.statusCode ?? 502, behind.headers);
    behind.pipe(reply);
  });
  sent.on('error', () => reply.destroy());
  reply.on('close', () => sent.destroy());
  asked.pipe(sent);
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function sendError(reply: ServerResponse, error: CodedError): void {
  reply.writeHead(error.spec.http, { 'content-type': 'application/json' }).end(JSON.stringify(encodeError(error)));
}
