import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import { bootSandbox } from './boot.ts';
import type { SandboxEntry } from './entry.ts';
import { recordEvent, type SandboxParts } from './parts.ts';
import { actions, isResting, type Action, type Verb } from './phase-table.ts';
import { untilAborted } from './runner.ts';

const changeMs = 120_000; // a start on a host that starts many at once, or a stop whose processes take all the time they are given

/**
 * Brings a sandbox from one resting phase to another. What was begun is ended even when the caller leaves: half a stop helps nobody. Throws SANDBOX_WRONG_PHASE, and what the
 * engine throws.
 */
export function changePhase(op: Operation, parts: SandboxParts, entry: SandboxEntry, verb: Verb): Promise<void> {
  const change = withOwnTime((own) => entry.runner.run(own, () => carryOut(own, parts, entry, verb)));
  return untilAborted(op, change);
}

/** Runs `body` within the time that a change of phase may take, whoever still waits for it. */
export async function withOwnTime<T>(body: (own: Operation) => Promise<T>): Promise<T> {
  using own = startOperation({ timeoutMs: changeMs });
  return await body(own);
}

/** The caller holds the sandbox's turn. */
export async function carryOut(own: Operation, parts: SandboxParts, entry: SandboxEntry, verb: Verb): Promise<void> {
  const { phase } = entry.observed;
  if (entry.row.wanted === 'destroyed') throw wrongPhase(entry, verb);
  if (!isResting(phase)) throw wrongPhase(entry, verb);
  await steps[actions[phase][verb]](own, parts, entry, verb);
}

type Step = (own: Operation, parts: SandboxParts, entry: SandboxEntry, verb: Verb) => Promise<void>;

const steps: Readonly<Record<Action, Step>> = {
  boot,
  thaw,
  freeze,
  halt,
  stay: async () => {},
  refuse: async (_own, _parts, entry, verb) => {
    throw wrongPhase(entry, verb);
  },
};

async function boot(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  want(parts, entry, 'running');
  try {
    // What a failed start or a crash has left may still run.
    if (entry.observed.phase === 'failed') await parts.engine.stop(own, entry.row.id);
    await bootSandbox(own, parts, entry);
  } catch (error) {
    markFailed(parts, entry, error);
    throw error;
  }
  told(parts, entry, 'sandbox.started');
}

async function halt(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  want(parts, entry, 'stopped');
  entry.observed = { phase: 'stopping' };
  entry.link[Symbol.dispose]();
  try {
    await parts.engine.stop(own, entry.row.id);
  } catch (error) {
    markFailed(parts, entry, error);
    throw error;
  }
  entry.observed = { phase: 'stopped' };
  told(parts, entry, 'sandbox.stopped');
}

async function freeze(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  // Said before it is so: whoever comes from now on wakes it, and waits for this turn to end.
  entry.observed = { phase: 'paused' };
  entry.link.dropIdle();
  try {
    await parts.engine.pause(own, entry.row.id);
  } catch (error) {
    await observeAgain(parts, entry, error);
    throw error;
  }
  told(parts, entry, 'sandbox.paused');
}

async function thaw(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  try {
    await parts.engine.resume(own, entry.row.id);
  } catch (error) {
    await observeAgain(parts, entry, error);
    throw error;
  }
  entry.observed = { phase: 'running' };
  told(parts, entry, 'sandbox.resumed');
}

/** Puts down what the engine sees, after something went otherwise than it should. */
export async function observeAgain(parts: SandboxParts, entry: SandboxEntry, cause: unknown): Promise<void> {
  const status = await parts.engine.status(entry.row.id);
  if (status === undefined) return markFailed(parts, entry, cause);
  entry.observed = { phase: status.phase === 'created' ? 'stopped' : status.phase };
}

export function markFailed(parts: SandboxParts, entry: SandboxEntry, error: unknown): void {
  const why = toCodedError(error).message;
  entry.observed = { phase: 'failed', why };
  recordEvent(parts, entry, 'sandbox.failed', why);
  announce('sandbox:phase', { sandbox: entry.row.name, phase: 'failed', why });
}

function want(parts: SandboxParts, entry: SandboxEntry, wanted: 'running' | 'stopped'): void {
  if (entry.row.wanted === wanted) return;
  const stoppedAt = wanted === 'stopped' ? parts.now().toISOString() : undefined;
  entry.row = parts.store.sandboxes.update(entry.row, { wanted, stoppedAt });
}

function told(parts: SandboxParts, entry: SandboxEntry, type: string): void {
  recordEvent(parts, entry, type);
  announce('sandbox:phase', { sandbox: entry.row.name, phase: entry.observed.phase });
}

function wrongPhase(entry: SandboxEntry, verb: Verb): CodedError {
  const { id, name } = entry.row;
  const phase = entry.row.wanted === 'destroyed' ? 'being destroyed' : entry.observed.phase;
  return new CodedError(
    'SANDBOX_WRONG_PHASE',
    `cannot ${verb} sandbox "${name}": it is ${phase}`,
    { sandbox: id, phase, needs: verb === 'start' ? ['stopped'] : ['running'] },
    verb === 'pause' || verb === 'resume' ? { hint: `bhatti start ${name}` } : {},
  );
}
