import { mangleUnitName } from '../unit/unit-name-escape.ts';
import type { Printed } from './main.ts';
import { exitNoPermission } from './reply.ts';

/** Verbs whose refusal names no unit. */
const whole: Readonly<Record<string, string>> = {
  'add-wants': 'Failed to add dependency',
  'add-requires': 'Failed to add dependency',
  'set-default': 'Failed to set default target',
  'preset-all': 'Failed to preset all units',
  'daemon-reload': 'Reload daemon failed',
  'daemon-reexec': 'Reexecute daemon failed',
  'set-environment': 'Failed to set environment',
  'unset-environment': 'Failed to set environment',
  'import-environment': 'Failed to import environment',
  poweroff: 'Call to PowerOff failed',
  halt: 'Call to Halt failed',
  reboot: 'Call to Reboot failed',
  suspend: 'Call to Suspend failed',
  hibernate: 'Call to Hibernate failed',
  'hybrid-sleep': 'Call to HybridSleep failed',
  'suspend-then-hibernate': 'Call to SuspendThenHibernate failed',
};
const files = new Set(['enable', 'disable', 'reenable', 'mask', 'unmask', 'preset', 'link', 'revert', 'edit-save']);

/** systemd's words to those whom polkit would refuse, each verb in its own. */
export function refusal(verb: string, words: readonly string[]): Printed {
  const say = (lines: readonly string[], exitCode = 1) => ({
    stdout: '',
    stderr: lines.map((line) => `${line}\n`).join(''),
    exitCode,
  });
  const one = whole[verb] ?? (files.has(verb) ? `Failed to ${verb} unit` : undefined);
  if (one !== undefined) return say([`${one}: Access denied`]);
  const units = words.map((word) => mangleUnitName(word, verb === 'isolate' ? 'target' : 'service').name);
  const [first = ''] = units;
  switch (verb) {
    case 'kill':
      return say(units.map((unit) => `Failed to kill unit ${unit}: Access denied`));
    case 'set-property':
      return say([`Failed to set unit properties on ${first}: Access denied`]);
    case 'clean':
    case 'freeze':
    case 'thaw':
      return say(units.map((unit) => `Failed to add reference to unit ${unit}: Access denied`));
    case 'reset-failed':
      if (units.length === 0) return say(['Failed to execute operation: Access denied']);
      return say(units.map((unit) => `Failed to reset failed state of unit ${unit}: Access denied`));
    case 'cancel':
      if (words.length === 0) return say(['Failed to execute operation: Access denied']);
      return say(words.map((word) => `Failed to cancel job ${word}: Access denied`));
    case 'log-level':
      return say([`Failed to set log level of org.freedesktop.systemd1 to ${words[0]}: Access denied`]);
    default: {
      const targets: Readonly<Record<string, string>> = {
        default: 'default.target',
        rescue: 'rescue.target',
        emergency: 'emergency.target',
      };
      const target = targets[verb];
      const started = target === undefined ? units : [target];
      const done = target !== undefined || verb === 'isolate' ? 'start' : verb;
      const lines = started.flatMap((unit) => [
        `Failed to ${done} ${unit}: Access denied`,
        `See system logs and 'systemctl status ${unit}' for details.`,
      ]);
      return say(lines, exitNoPermission);
    }
  }
}
