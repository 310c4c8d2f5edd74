import { concatBytes } from '@bhatti/base/bytes.ts';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

import type { ApiReply, ApiRequest, Caller, Transport } from '../../transport.ts';
import { httpModule } from './http-module.ts';
import type { HttpTarget } from './target.ts';

/** Requests by `node:http`, over connections that are kept. Those that rest do not hold the process. */
export function httpRequester(target: HttpTarget): Transport['request'] {
  const { Agent, request: start } = httpModule(target.isTls);
  const agent = new Agent({ keepAlive: true });
  return (caller: Caller, { method, path, headers, body }: ApiRequest) =>
    new Promise<ApiReply>((resolve, reject) => {
      caller.signal.throwIfAborted();
      const { connect } = target;
      const sent = start({
        ...connect,
        agent,
        method,
        path,
        headers: { ...headers, ...target.headers },
        signal: caller.signal,
      });
      // Also after the reply has begun: a body that the server does not want to the end is no failure beside its answer.
      sent.on('error', reject);
      sent.once('response', (reply) => replyOf(method, reply).then(resolve, reject));
      // Not by naming ReadableStream, which Node would load for it.
      if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return void sent.end(body);
      const source = Readable.from(body);
      source.once('error', (error) => sent.destroy(error));
      sent.once('close', () => source.destroy());
      source.pipe(sent);
    });
}

const smallBytes = 65_536;

/** A short body is read here, whether or not anybody asks for it: a connection with an unread reply is never used again, and holds the program. */
async function replyOf(method: string, reply: IncomingMessage): Promise<ApiReply> {
  const status = reply.statusCode ?? 0;
  const isShort = method === 'HEAD' || status === 204 || Number(reply.headers['content-length']) <= smallBytes;
  const read = isShort ? await shortOf(reply) : undefined;
  const whole = async () => read ?? wholeOf(bytesOf(reply));
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: {
      get(name) {
        const value = reply.headers[name];
        return value === undefined ? null : String(value);
      },
    },
    body: read === undefined ? bytesOf(reply) : once(read),
    text: async () => new TextDecoder().decode(await whole()),
    arrayBuffer: async () => (await whole()).buffer,
  };
}

/** By events: iterating takes several turns of the loop more. */
function shortOf(reply: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    reply.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    reply.once('end', () => resolve(concatBytes(chunks)));
    reply.once('error', reject);
    reply.once('close', () => reject(new Error('the reply broke off')));
  });
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concatBytes(all);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** A buffer of the runtime is a view into a pool: what leaves here is a plain array. */
async function* bytesOf(reply: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of reply) {
    // SAFETY: a message without an encoding yields byte arrays.
    const { buffer, byteOffset, byteLength } = chunk as Uint8Array;
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}
