import { CodedError, describe } from '@bhatti/base/errors.ts';
import { request, type Agent, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxHeaderBytes } from './exchange.ts';
import { endToEnd, valuesOf, type RawHeaders } from './headers.ts';
import { joinStreams } from './join.ts';

/** A client that asked to leave HTTP on its connection. `head` is what it sent beyond the request already. */
export interface UpgradeRequest {
  readonly asked: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
}

export interface UpgradeOnward {
  /** Makes the connection, which is the upgrade's own from then on. */
  readonly fresh: Agent;
  readonly path: string;
  /** Complete, but for `Connection` and `Upgrade`. */
  readonly headers: RawHeaders;
}

/**
 * Passes an upgrade on and then relays bytes, both ways, until both sides have ended. No byte is lost: what the client sent early goes after the request, and what the
 * server sends right behind its 101 goes to the client first. There is no time-out: a quiet WebSocket is a healthy one. A server that answers otherwise than 101 has its
 * answer passed on, after which the connection ends. Throws what the pool throws, or CONNECTION_LOST, while nothing has been sent to the client.
 */
export async function passUpgrade(upgrade: UpgradeRequest, onward: UpgradeOnward): Promise<void> {
  const answer = await askUpgrade(upgrade, onward);
  if (answer === undefined) return;
  const { socket, head } = upgrade;
  const { reply } = answer;
  if (answer.kind === 'refused') {
    socket.write(replyHead(reply, ['Connection', 'close']));
    reply.once('aborted', () => socket.destroy());
    reply.pipe(socket);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    reply.destroy();
    return;
  }
  socket.write(
    replyHead(reply, ['Connection', 'Upgrade', 'Upgrade', valuesOf(reply.rawHeaders, 'upgrade').join(', ')]),
  );
  if (answer.head.length > 0) socket.write(answer.head);
  if (head.length > 0) answer.socket.write(head);
  await joinStreams(socket, answer.socket);
}

type Answer =
  | { readonly kind: 'upgraded'; readonly reply: IncomingMessage; readonly socket: Duplex; readonly head: Uint8Array }
  | { readonly kind: 'refused'; readonly reply: IncomingMessage };

function askUpgrade({ asked, socket }: UpgradeRequest, onward: UpgradeOnward): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({
      agent: onward.fresh,
      method: asked.method ?? 'GET',
      path: onward.path,
      setHost: false,
      maxHeaderSize: maxHeaderBytes,
    });
    const lines = [...onward.headers, 'Connection', 'Upgrade', 'Upgrade', asked.headers.upgrade ?? ''];
    for (let at = 0; at + 1 < lines.length; at += 2) sent.appendHeader(lines[at] ?? '', lines[at + 1] ?? '');
    const leave = () => {
      sent.destroy();
      resolve(undefined);
    };
    socket.once('close', leave);
    sent.once('upgrade', (reply, guest, head) => {
      socket.off('close', leave);
      resolve({ kind: 'upgraded', reply, socket: guest, head });
    });
    sent.once('response', (reply) => {
      socket.off('close', leave);
      resolve({ kind: 'refused', reply });
    });
    sent.once('error', (error) => {
      socket.off('close', leave);
      if (error instanceof CodedError) return reject(error);
      reject(
        new CodedError(
          'CONNECTION_LOST',
          `the connection broke before an answer came: ${describe(error)}`,
          { peer: 'the sandbox' },
          { cause: error },
        ),
      );
    });
    sent.end();
  });
}

function replyHead(reply: IncomingMessage, added: RawHeaders): string {
  const lines = [...endToEnd(reply.rawHeaders), ...added];
  let head = `HTTP/1.1 ${reply.statusCode ?? 502} ${reply.statusMessage ?? ''}\r\n`;
  for (let at = 0; at + 1 < lines.length; at += 2) head += `${lines[at]}: ${lines[at + 1]}\r\n`;
  return `${head}\r\n`;
}
