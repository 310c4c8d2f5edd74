import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import { firstMessageHeader, firstMessageTaken, tryEncodeFirstMessage } from '@bhatti/wire/agent/first-message.ts';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { Caller, SocketOpening } from '../../transport.ts';
import { httpModule } from './http-module.ts';
import { MessageChannel } from './message-channel.ts';
import type { HttpTarget } from './target.ts';

/** A WebSocket on a socket that can be paused, and that tells a refusal's words: the standard one of Node and of browsers does neither. */
export function openNodeSocket(
  caller: Caller,
  target: HttpTarget,
  { path, first }: { readonly path: string; readonly first: string | undefined },
): Promise<SocketOpening> {
  const key = randomBytes(16).toString('base64');
  const offered = first === undefined ? undefined : tryEncodeFirstMessage(first);
  return new Promise((resolve, reject) => {
    const asked = httpModule(target.isTls).request({
      ...target.connect,
      path,
      agent: false,
      headers: {
        ...target.headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        ...(offered === undefined ? {} : { [firstMessageHeader]: offered }),
      },
    });
    // Not by the request's own signal, which would go on to hold the connection after the upgrade: how that ends is then for the stream to say.
    const abort = () => asked.destroy(abortReason(caller.signal));
    caller.signal.addEventListener('abort', abort, { once: true });
    asked.once('close', () => caller.signal.removeEventListener('abort', abort));
    asked.once('error', reject);
    asked.once('response', (reply) => textOf(reply).then((body) => resolve(refused(reply, body)), reject));
    asked.once('upgrade', (reply, socket: Duplex, head) => {
      caller.signal.removeEventListener('abort', abort);
      if (reply.headers['sec-websocket-accept'] !== acceptOf(key)) {
        socket.destroy();
        const peer = target.address;
        return reject(new CodedError('PROTOCOL_VIOLATION', `unreadable reply from ${peer}: no WebSocket`, { peer }));
      }
      const channel = new MessageChannel(socket, head, target.address);
      if (first !== undefined && reply.headers[firstMessageHeader] !== firstMessageTaken) channel.send(first);
      resolve({ kind: 'open', socket: channel });
    });
    asked.end();
  });
}

function refused(reply: IncomingMessage, body: string): SocketOpening {
  return { kind: 'refused', status: reply.statusCode ?? 0, body };
}

async function textOf(reply: IncomingMessage): Promise<string> {
  reply.setEncoding('utf8');
  let text = '';
  for await (const part of reply) text += String(part);
  return text;
}

// RFC 6455 §4.2.2: the key and a fixed GUID, SHA-1, base64.
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
