import type { Operation } from './operation.ts';

/** One step of an operation that must leave nothing half-made: `undo` takes back what `run` did, and is safe when it did only part of it. */
export interface Step {
  readonly name: string;
  run(op: Operation): Promise<void> | void;
  undo?(): Promise<void> | void;
}

/**
 * Runs the steps in order. When one fails, it and all before it are undone in reverse, then the first error is thrown again;
 * failures of undoing never mask it: they go to the operation's log.
 */
export async function runSteps(op: Operation, steps: readonly Step[]): Promise<void> {
  const begun: Step[] = [];
  try {
    for (const step of steps) {
      op.check();
      begun.push(step);
      op.log(step.name);
      await step.run(op);
    }
  } catch (error) {
    for (const step of begun.reverse()) {
      try {
        await step.undo?.();
      } catch (undoError) {
        op.log(`undo of "${step.name}" failed: ${String(undoError)}`);
      }
    }
    throw error;
  }
}
