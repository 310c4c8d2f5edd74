import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import type { WebSocketEvents, WebSocketLink } from '@bhatti/sys/http/server.ts';
import { type Batch, BatchSchema } from '@bhatti/wire/display/action.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { ActionEngine } from './engine.ts';

export const maxBatchBytes = 2 * 1024 * 1024; // the longest text that may be copied, as JSON

/** `POST /actions`: a batch, and its reply. Throws INVALID_ARGUMENT, MESSAGE_TOO_LARGE, ABORTED. */
export async function postActions(engine: ActionEngine, request: Request): Promise<Response> {
  const text = await request.text();
  return Response.json(await engine.act(parseBatch(text), request.signal));
}

/**
 * The same over a WebSocket: each message is a batch, each is answered in order by a message that repeats its `id`, if it has one: the reply, or `{ id, error }`. When the connection ends, what was left held down is let go of.
 */
export function actionSession(engine: ActionEngine): WebSocketEvents {
  const ended = new AbortController();
  let link: WebSocketLink | undefined;
  const say = (message: unknown) => link?.send(new TextEncoder().encode(JSON.stringify(message)));
  return {
    onOpen(opened) {
      link = opened;
    },
    onMessage(bytes) {
      const { id, body } = splitId(bytes);
      const tag = id === undefined ? {} : { id };
      void (async () => {
        try {
          say({ ...tag, ...(await engine.act(acceptBatch(body), ended.signal)) });
        } catch (error) {
          say({ ...tag, error: encodeError(toCodedError(error)) });
        }
      })();
    },
    onDrain() {},
    onClose() {
      link = undefined;
      ended.abort(new CodedError('ABORTED', 'the connection was closed', { by: 'client' }));
      engine.release(ended.signal);
    },
  };
}

function splitId(bytes: Uint8Array): { id?: string | number; body: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { body: undefined }; // expected: not JSON; who decodes it says so
  }
  if (typeof value !== 'object' || value === null || !('id' in value)) return { body: value };
  const { id, ...body } = value;
  return typeof id === 'string' || typeof id === 'number' ? { id, body } : { body };
}

function parseBatch(text: string): Batch {
  if (text.length > maxBatchBytes) {
    throw new CodedError('MESSAGE_TOO_LARGE', 'cannot act: the batch is too large', { limitBytes: maxBatchBytes });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', 'invalid batch of actions: not JSON', { argument: '' }, { cause });
  }
  return acceptBatch(value);
}

function acceptBatch(value: unknown): Batch {
  return decodeRequest(BatchSchema, value, 'batch of actions');
}
