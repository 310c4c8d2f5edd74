import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import type { IncomingMessage } from 'node:http';

const maxReplyBytes = 64 * 1024 * 1024; // an exec reply is at most 10 MiB of output, as base64; the rest is room

/** The JSON document that a reply holds. Throws PROTOCOL_VIOLATION when it is none or too large, CONNECTION_LOST when it breaks off. */
export function readJson(reply: IncomingMessage, peer: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const fail = (why: string) => {
      reply.destroy();
      reject(new CodedError('PROTOCOL_VIOLATION', `cannot read the reply of ${peer}: ${why}`, { peer }));
    };
    reply.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > maxReplyBytes) fail('it is too large');
      else chunks.push(chunk);
    });
    reply.once('end', () => {
      try {
        resolve(JSON.parse(new TextDecoder().decode(concatBytes(chunks))));
      } catch {
        // Expected: whatever runs in the guest may answer anything.
        fail('it is not JSON');
      }
    });
    const lost = (cause?: unknown) =>
      reject(new CodedError('CONNECTION_LOST', `lost the connection to ${peer}`, { peer }, { cause }));
    reply.once('error', lost);
    reply.once('close', () => lost());
  });
}
