import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import type { Journal } from '../journal/journal.ts';
import type { ManagerSettings } from '../unit/manager-settings.ts';
import type { UnitManager } from '../unit/unit-manager.ts';

export interface VerbContext {
  readonly manager: UnitManager;
  readonly settings: ManagerSettings;
  readonly journal: Journal;
}

export interface Verb {
  readonly verb: string;
  /** What follows the verb: names of units, complete and with patterns resolved, where it takes units. */
  readonly units: readonly string[];
  /** Whether anything was named: a pattern may match nothing, and that is not the same as no word at all. */
  readonly isNamed: boolean;
  readonly options: Readonly<Record<string, string>>;
}

// systemctl(1), "Exit status", after LSB.
export const exitNotActive = 3;
export const exitNotImplemented = 3;
export const exitNoPermission = 4;
export const exitNoSuchUnit = 4;
export const exitNotLoaded = 5;

export function success(stdout: string, stderr = ''): UnitReply {
  return { stdout, stderr, exitCode: 0 };
}

export function failure(stderr: string, exitCode = 1): UnitReply {
  return { stdout: '', stderr, exitCode };
}

/** For verbs that go on after a failure: all that was said, and the first exit code that is not 0. */
export function joinReplies(replies: readonly UnitReply[]): UnitReply {
  return {
    stdout: replies.map((reply) => reply.stdout).join(''),
    stderr: replies.map((reply) => reply.stderr).join(''),
    exitCode: replies.find((reply) => reply.exitCode !== 0)?.exitCode ?? 0,
  };
}

/** The values of an option that may be given as a list. */
export function listOption(verb: Verb, name: string): string[] | undefined {
  const value = verb.options[name];
  return value?.split(',').filter((word) => word !== '');
}
