import { CodedError } from '@bhatti/base/errors.ts';
import { pipeline } from 'node:stream/promises';
import type { SandboxEntry } from '../sandbox/entry.ts';
import { withSandbox, type ApiContext } from './context.ts';
import { sendJson, sendNothing, type ApiExchange } from './exchange.ts';

/** Headers of the agent's reply that are passed on. Others are not: the guest must not say anything to the client's browser in this host's name. */
const passedHeaders = ['content-type', 'content-length', 'x-file-size', 'x-file-mode', 'x-file-is-dir'] as const;

export async function getFile(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await withSandbox(context, exchange, async (entry) => {
    const found = await ask(exchange, entry);
    for (const name of passedHeaders) {
      const value = found.headers[name];
      if (value !== undefined) exchange.reply.setHeader(name, value);
    }
    exchange.reply.writeHead(200);
    // Whoever reads the client's side too slowly slows the sandbox's side down; an end that comes too early breaks the client off.
    await pipeline(found, exchange.reply);
  });
}

export async function putFile(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await withSandbox(context, exchange, async (entry) => {
    const { asked } = exchange;
    const length = asked.headers['content-length'];
    const done = await ask(exchange, entry, {
      body: asked,
      headers: length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length },
    });
    done.resume();
    sendJson(exchange, 200, { status: 'ok' });
  });
}

export async function deleteFile(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await withSandbox(context, exchange, async (entry) => {
    (await ask(exchange, entry)).resume();
    sendNothing(exchange);
  });
}

function ask(
  exchange: ApiExchange,
  entry: SandboxEntry,
  sent: { readonly body?: ApiExchange['asked']; readonly headers?: Record<string, string> } = {},
) {
  const path = exchange.query.get('path');
  if (path === null || !path.startsWith('/'))
    throw new CodedError('INVALID_ARGUMENT', `invalid path "${path ?? ''}": it must be absolute`, {
      argument: 'path',
      value: path ?? '',
    });
  const method = exchange.asked.method ?? 'GET';
  return entry.link.request(exchange.op, { method, path: `/files?${exchange.query.toString()}`, ...sent });
}
