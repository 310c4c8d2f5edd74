import { toCodedError } from '@bhatti/base/errors.ts';
import type { ImageRecord } from '@bhatti/engine/image/record.ts';
import type { Image, ImageBuildEvent } from '@bhatti/wire/control/image.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { needAdmin, readBody, sendJson, sendNothing, type ApiExchange } from './exchange.ts';

const BuildRequestSchema = v.strictObject({ name: v.string() });

export async function listImages(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const images = await context.images.list();
  sendJson(
    exchange,
    200,
    images.map((image) => viewImage(context, image)),
  );
}

export async function deleteImage(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'delete an image');
  const name = exchange.params['name'] ?? '';
  await context.images.delete(exchange.op, name, usersOf(context, name));
  sendNothing(exchange);
}

/** Streams the build as lines; the last is `done` or `error`. A client that leaves ends the build. */
export async function postBuild(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'build an image');
  const { name } = await readBody(exchange, BuildRequestSchema, 'build request');
  const { reply } = exchange;
  const send = (event: ImageBuildEvent) => {
    if (!reply.headersSent) reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
    reply.write(`${JSON.stringify(event)}\n`);
  };
  try {
    const image = await context.images.build(exchange.op, name, (event) =>
      send('line' in event ? { type: 'log', line: event.line } : { type: 'progress', ...event }),
    );
    send({ type: 'done', image: viewImage(context, image) });
  } catch (error) {
    // Before the first line the status can still say it.
    if (!reply.headersSent) throw error;
    const { code, message, hint, log } = encodeError(toCodedError(error));
    send({
      type: 'error',
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(log === undefined ? {} : { log }),
    });
  }
  reply.end();
}

function viewImage(context: ApiContext, image: ImageRecord): Image {
  return {
    name: image.name,
    digest: image.digest,
    size_mb: image.sizeMb,
    created_at: image.createdAt,
    sandboxes: usersOf(context, image.name).length,
  };
}

function usersOf(context: ApiContext, image: string): string[] {
  return context.parts.registry
    .all()
    .filter((entry) => entry.row.image === image)
    .map((entry) => entry.row.name);
}
