import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import { type Replay, type TrajectoryStep, TrajectoryStepSchema } from '@bhatti/wire/display/trajectory.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { ActionEngine } from '../action/engine.ts';

/** Carries out the steps of a trajectory again, in order; ends at the first that fails, or that holds less than was typed. Rejects when `signal` ends it. */
export async function replay(
  engine: ActionEngine,
  { name, lines }: { readonly name: string; readonly lines: string },
  signal: AbortSignal,
): Promise<Replay> {
  const steps = lines.split('\n').filter((line) => line !== '');
  let done = 0;
  try {
    for (const line of steps) {
      const step = parseStep(line);
      if (step.redacted === true) throw redacted(step.step);
      const { ok, results } = await engine.act(step.batch, signal);
      if (!ok && step.reply.ok) {
        const error = results.find((result) => result.error !== undefined)?.error;
        return { name, steps: steps.length, done, ok: false, ...(error === undefined ? {} : { error }) };
      }
      done++;
    }
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    const { code, message } = toCodedError(error);
    return { name, steps: steps.length, done, ok: false, error: { code, message } };
  }
  return { name, steps: steps.length, done, ok: true };
}

/** Files of the account may hold anything by now. */
function parseStep(line: string): TrajectoryStep {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new CodedError(
      'INVALID_ARGUMENT',
      'cannot replay: a line of the trajectory is not JSON',
      { argument: 'name' },
      { cause },
    );
  }
  return decodeRequest(TrajectoryStepSchema, value, 'step of a trajectory');
}

function redacted(step: number): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError(
    'INVALID_ARGUMENT',
    `cannot replay step ${step}: what was typed there was sensitive, and is not kept`,
    {
      argument: 'name',
    },
  );
}
