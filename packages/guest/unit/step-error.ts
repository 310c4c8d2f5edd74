import { getSystemErrorMap } from 'node:util';
import { EXIT_STATUS_NAMES } from './exit-status-table.ts';

/** A step before the program ran failed; `exitStatus` as in systemd.exec(5), and the message in systemd's words: what, then the system's reason. */
export class StepError extends Error {
  readonly exitStatus: number;
  readonly reason: string;

  constructor(exitStatus: number, what: string, reason: string) {
    super(`${what}: ${reason}`);
    this.exitStatus = exitStatus;
    this.reason = reason;
  }

  /** The two lines that the journal has of it. */
  lines(unit: string, program: string): string[] {
    return [
      `${unit}: ${this.message}`,
      `${unit}: Failed at step ${stepName(this.exitStatus)} spawning ${program}: ${this.reason}`,
    ];
  }
}

/** Runs a step that asks the system for something; what the system says becomes the step's failure. */
export function step<T>(exitStatus: number, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof StepError ? error : new StepError(exitStatus, what, reasonOf(error));
  }
}

function stepName(exitStatus: number): string {
  return Object.entries(EXIT_STATUS_NAMES).find(([, value]) => value === exitStatus)?.[0] ?? String(exitStatus);
}

/** What strerror(3) says: `No such file or directory`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') {
    const text = getSystemErrorMap().get(error.errno)?.[1];
    if (text !== undefined) return text.charAt(0).toUpperCase() + text.slice(1);
  }
  return error instanceof Error ? error.message : String(error);
}
