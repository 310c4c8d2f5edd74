import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { rmSync } from 'node:fs';
import type { Service } from '../unit/service.ts';
import { isDown } from '../unit/state-time.ts';
import { activeState } from '../unit/unit.ts';
import { unitDirectories } from '../unit/unit-directories.ts';
import { failure, joinReplies, listOption, success, type Verb, type VerbContext } from './reply.ts';
import { parseSignal } from './signal-name.ts';

export function kill({ manager }: VerbContext, verb: Verb): UnitReply {
  const asked = verb.options['signal'] ?? 'SIGTERM';
  const signal = parseSignal(asked);
  if (signal === undefined) return failure(`Failed to parse signal string "${asked}".\n`);
  const whom = verb.options['kill-whom'] ?? verb.options['kill-who'] ?? 'all';
  return joinReplies(
    verb.units.map((name) => {
      const unit = manager.load(name);
      const fail = (why: string) => failure(`Failed to kill unit ${name}: ${why}\n`);
      if (unit?.body.kind !== 'service' || activeState(unit) === 'inactive') return fail(`Unit ${name} not loaded.`);
      if (!['all', 'main', 'control'].includes(whom)) return fail(`Invalid who argument ${whom}`);
      const { processes } = unit.body.service;
      if (whom === 'all') return killAll(unit.body.service, signal);
      const role = whom === 'control' ? 'control' : 'main';
      return processes.signal(role, signal) ? success('') : fail(`No ${role} process to kill`);
    }),
  );
}

function killAll({ processes }: Service, signal: NodeJS.Signals): UnitReply {
  for (const pid of processes.group.pids()) if (isSignalName(signal)) signalProcess(pid, signal);
  return success('');
}

const cleanable = {
  runtime: 'runtimeDirectory',
  state: 'stateDirectory',
  cache: 'cacheDirectory',
  logs: 'logsDirectory',
  configuration: 'configurationDirectory',
} as const;
const cleanedByDefault = ['runtime', 'cache'];

/** systemctl(1), clean: the directories of a unit that rests. */
export function clean({ manager }: VerbContext, verb: Verb): UnitReply {
  const asked = listOption(verb, 'what') ?? cleanedByDefault;
  if (asked.includes('help')) return success(`${Object.keys(cleanable).join('\n')}\n`);
  const kinds = new Map(Object.entries(cleanable));
  return joinReplies(
    verb.units.map((name) => {
      const unit = manager.loadFresh(name);
      const fail = (why: string) => failure(`Failed to clean unit ${name}: ${why}\n`);
      if (unit === undefined || unit.definition.loadState === 'not-found') return notFound(name);
      const wrong = asked.find((kind) => kind !== 'all' && kind !== 'fdstore' && !kinds.has(kind));
      if (wrong !== undefined) return fail(`Invalid resource type: ${wrong}`);
      if (!isDown(activeState(unit)) || unit.job !== undefined) return fail('Unit is not inactive or has pending job.');
      const settings = unit.definition.service;
      const keys = asked.includes('all') ? [...kinds.values()] : asked.map((kind) => kinds.get(kind));
      const paths = settings === undefined ? [] : unitDirectories(settings).filter(({ key }) => keys.includes(key));
      if (paths.length === 0) return fail('No matching resources found.');
      for (const { path } of paths) rmSync(path, { recursive: true, force: true });
      return success('');
    }),
  );
}

/** freeze and thaw: the kernel stops scheduling everything that is in the unit's group. */
export function freeze({ manager }: VerbContext, verb: Verb): UnitReply {
  return joinReplies(
    verb.units.map((name) => {
      const unit = manager.load(name);
      if (unit === undefined || unit.definition.loadState === 'not-found') return notFound(name);
      if (unit.body.kind !== 'service' || isDown(activeState(unit)))
        return failure(`Failed to ${verb.verb} unit ${name}: Unit is inactive.\n`);
      unit.body.service.processes.group.freeze(verb.verb === 'freeze' ? 'frozen' : 'running');
      return success('');
    }),
  );
}

function notFound(name: string): UnitReply {
  return failure(`Failed to add reference to unit ${name}: Unit ${name} not found.\n`);
}

export function resetFailed({ manager }: VerbContext, verb: Verb): UnitReply {
  if (!verb.isNamed) {
    for (const unit of manager.loaded()) manager.resetFailed(unit);
    return success('');
  }
  return joinReplies(
    verb.units.map((name) => {
      const unit = manager.known(name);
      if (unit === undefined)
        return failure(`Failed to reset failed state of unit ${name}: Unit ${name} not loaded.\n`);
      manager.resetFailed(unit);
      return success('');
    }),
  );
}
