import { CodedError } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import { abortReason, type Operation } from '@bhatti/base/operation.ts';
import { connect, type Socket } from 'node:net';

/** A new connection to a sandbox's agent socket; the caller owns it. */
export function dialSocket(op: Operation, id: SandboxId, path: string): Promise<Socket> {
  op.check();
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const abort = () => {
      socket.destroy();
      reject(abortReason(op.signal));
    };
    op.signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      op.signal.removeEventListener('abort', abort);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) => {
      op.signal.removeEventListener('abort', abort);
      reject(
        new CodedError('AGENT_UNREACHABLE', `cannot reach the agent of sandbox "${id}"`, { sandbox: id }, { cause }),
      );
    });
  });
}
