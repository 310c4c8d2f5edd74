import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import type { SandboxStatus } from '@bhatti/engine/engine.ts';
import { sendBoot, waitForHello } from '../agent-link/boot.ts';
import type { SandboxEntry } from './entry.ts';
import { engineSpec, type SandboxParts } from './parts.ts';

const helloMs = 30_000; // lohar answers within 0.1 s here; this leaves room for a machine that starts many at once

/** From a sandbox that exists to one in which commands can run. Throws BOOT_FAILED with the story; the sandbox is then stopped again. */
export async function bootSandbox(op: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  const { id } = entry.row;
  entry.observed = { phase: 'booting' };
  const status = await parts.engine.start(op, id);
  try {
    await greet(op, parts, entry, status);
  } catch (error) {
    // The operation may have no time left, and the sandbox must not run on half-started.
    using stopping = startOperation({ timeoutMs: helloMs });
    await parts.engine.stop(stopping, id);
    throw error;
  }
  entry.notices = [parts.engine.barrier, ...(parts.engine.notices?.(engineSpec(entry.row)) ?? [])];
}

/** Finds the agent of a running sandbox and tells it what it must know. Harmless where it has been told. */
export async function greet(
  op: Operation,
  parts: SandboxParts,
  entry: SandboxEntry,
  status: SandboxStatus,
): Promise<void> {
  const startedAt = performance.now();
  const { row, link } = entry;
  using greeting = startOperation({ signal: op.signal, timeoutMs: helloMs, onLog: (line) => op.log(line) });
  try {
    const { phase } = await waitForHello(greeting, link, async () => {
      const now = await parts.engine.status(row.id);
      if (now?.phase !== 'running') throw bootFailed(entry, 'its first process ended', op);
    });
    if (phase === 'waiting')
      await sendBoot(greeting, link, {
        sandboxId: row.id,
        hostname: hostnameOf(row.name),
        env: { ...row.env },
        nameservers: [status.gateway],
        address: status.address,
        nowMs: parts.now().getTime(),
        files: [...row.bootFiles],
        ...(row.init === undefined ? {} : { init: row.init }),
      });
  } catch (error) {
    if (hasCode(error, 'TIMED_OUT')) throw bootFailed(entry, `its agent did not answer within ${helloMs / 1000} s`, op);
    throw error;
  }
  if (row.bootFiles.length > 0) entry.row = parts.store.sandboxes.update(entry.row, { bootFiles: [] });
  entry.address = status.address;
  entry.observed = { phase: 'running' };
  announce('sandbox:boot', { sandbox: row.name, ms: Math.round(performance.now() - startedAt) });
}

function bootFailed(entry: SandboxEntry, why: string, op: Operation): CodedError {
  const { id, name } = entry.row;
  return new CodedError('BOOT_FAILED', `cannot start sandbox "${name}": ${why}`, { sandbox: id }, { log: op.lines() });
}

/** A sandbox's name as a host name: RFC 1123 knows no underscore, and a dot would make it a domain. */
export function hostnameOf(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return label === '' ? 'sandbox' : label;
}
