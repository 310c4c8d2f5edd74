import { sleep, type Operation } from '@bhatti/base/operation.ts';
import { connect } from 'node:net';

const pollMs = 10;

/** Resolves when the port answers HTTP, which the streaming process does only once X accepted it. */
export async function waitReady(op: Operation, port: number): Promise<void> {
  while (!(await answers(port))) await sleep(op, pollMs);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isAnswer: boolean) => {
      socket.destroy();
      resolve(isAnswer);
    };
    socket.once('connect', () => socket.write('HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'));
    socket.once('data', (chunk) => settle(chunk.toString().startsWith('HTTP/1.1 ')));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
