import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { LOG_LEVELS, type LogLevel } from '../unit/manager-settings.ts';
import { runGenerators } from '../unit/generators.ts';
import { endSandbox } from '../unit/end-sandbox.ts';
import { failure, joinReplies, success, type Verb, type VerbContext } from './reply.ts';

/** Verbs that are about the manager itself, or the whole sandbox. */
export function managerVerb(context: VerbContext, verb: Verb): UnitReply | Promise<UnitReply> {
  const { manager, settings } = context;
  switch (verb.verb) {
    case 'show-environment':
      return success(
        Object.entries(settings.environment)
          .map(([name, value]) => `${name}=${quoteValue(value)}\n`)
          .join(''),
      );
    case 'set-environment':
      return setEnvironment(context, verb);
    case 'unset-environment':
      settings.unsetEnvironment(verb.units);
      return success('');
    case 'import-environment':
      settings.setEnvironment(JSON.parse(verb.options['variables'] ?? '{}'));
      return success('');
    case 'log-level':
      return logLevel(context, verb);
    case 'log-target':
      return success('journal\n');
    case 'get-default':
      return success(`${manager.load('default.target')?.name ?? 'multi-user.target'}\n`);
    case 'cancel':
      return cancel(context, verb);
    case 'poweroff':
    case 'halt':
    case 'reboot':
      endSandbox(manager);
      return success('');
    case 'suspend':
    case 'hibernate':
    case 'hybrid-sleep':
    case 'suspend-then-hibernate':
      return failure(`Call to ${callName(verb.verb)} failed: Sleep verb "${verb.verb}" not supported\n`);
    default:
      return reload(context);
  }
}

async function reload({ manager }: VerbContext): Promise<UnitReply> {
  await runGenerators();
  manager.reloadAll();
  return success('');
}

function setEnvironment({ settings }: VerbContext, verb: Verb): UnitReply {
  const variables = verb.units.map((word) => /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word));
  if (variables.includes(null)) return failure('Failed to set environment: Invalid environment assignments\n');
  settings.setEnvironment(Object.fromEntries(variables.map((match) => [match?.[1] ?? '', match?.[2] ?? ''])));
  return success('');
}

function logLevel({ settings }: VerbContext, verb: Verb): UnitReply {
  const [wanted] = verb.units;
  if (wanted === undefined) return success(`${settings.logLevel}\n`);
  if (!isLogLevel(wanted)) return failure(`"${wanted}" is not a valid log level.\n`);
  settings.setLogLevel(wanted);
  return success('');
}

function isLogLevel(text: string): text is LogLevel {
  return LOG_LEVELS.some((level) => level === text);
}

function cancel({ manager }: VerbContext, verb: Verb): UnitReply {
  const jobs = [...manager.loaded()].flatMap((unit) => (unit.job === undefined ? [] : [unit.job]));
  if (verb.units.length === 0) {
    for (const job of jobs) manager.cancel(job);
    return success('');
  }
  return joinReplies(
    verb.units.map((word) => {
      if (!/^\d+$/.test(word)) return failure(`Failed to parse job id "${word}": Invalid argument\n`);
      const job = jobs.find(({ id }) => id === Number(word));
      if (job === undefined) return failure(`Failed to cancel job ${word}: Job ${word} does not exist.\n`);
      manager.cancel(job);
      return success('');
    }),
  );
}

/** As a shell could read it again. */
function quoteValue(value: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value)) return value;
  return `$'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`;
}

/** `hybrid-sleep` → `HybridSleep`, which is the name of logind's method. */
function callName(verb: string): string {
  return verb.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}
