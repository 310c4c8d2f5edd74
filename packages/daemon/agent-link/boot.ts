import { hasCode, type CodedError } from '@bhatti/base/errors.ts';
import { sleep, type Operation } from '@bhatti/base/operation.ts';
import type { BootRequest } from '@bhatti/wire/agent/boot.ts';
import { HelloReplySchema, type HelloReply } from '@bhatti/wire/agent/hello.ts';
import { decodeReply } from '@bhatti/wire/schema.ts';
import type { AgentLink } from './link.ts';

const firstRetryMs = 2;
const longestRetryMs = 50;

/**
 * The agent's first answer. A connection waits in the socket's queue until lohar accepts it, so that asking again is for a lohar that died in between. `checkAlive` throws when asking again
 * is pointless.
 */
export async function waitForHello(
  op: Operation,
  link: AgentLink,
  checkAlive: () => Promise<void>,
): Promise<HelloReply> {
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
    try {
      return await hello(op, link);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      op.check();
      op.log(error.message);
      await checkAlive();
      await sleep(op, retryMs);
    }
  }
}

function isUnreachable(error: unknown): error is CodedError {
  return (['AGENT_UNREACHABLE', 'CONNECTION_LOST', 'SANDBOX_WRONG_PHASE'] as const).some((code) =>
    hasCode(error, code),
  );
}

async function hello(op: Operation, link: AgentLink): Promise<HelloReply> {
  return decodeReply(HelloReplySchema, await link.json(op, { method: 'GET', path: '/hello' }), 'the guest agent');
}

/** Tells a guest what it must know about itself. Harmless in a guest that knows already. */
export async function sendBoot(op: Operation, link: AgentLink, boot: BootRequest): Promise<void> {
  await link.json(op, { method: 'PUT', path: '/boot', json: boot });
}
