import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { readFileSync } from 'node:fs';
import { formatEntries } from '../journal/format.ts';
import { SHORT_OUTPUTS, type ShortOutput } from '../journal/format-short.ts';
import type { DependencyKind } from '../unit/definition.ts';
import { unitFileState } from '../unit/install.ts';
import { presetOf } from '../unit/preset.ts';
import { isUp } from '../unit/state-time.ts';
import { dependents } from '../unit/transaction.ts';
import { activeState, stateTimes, type Unit } from '../unit/unit.ts';
import { parseUnitName } from '../unit/unit-name.ts';
import { managerProperties } from './manager-properties.ts';
import { exitNoSuchUnit, exitNotActive, failure, listOption, success, type Verb, type VerbContext } from './reply.ts';
import { unitProperties } from './show.ts';
import { formatStatus } from './status.ts';
import { systemText } from './system-text.ts';
import { unitOfPid } from './unit-of-pid.ts';

const statusLogLines = 10;

export async function status(context: VerbContext, verb: Verb): Promise<UnitReply> {
  const { manager } = context;
  if (!verb.isNamed && !('all' in verb.options)) return success(systemText(context));
  const names = !verb.isNamed ? [...manager.loaded()].map((unit) => unit.name) : verb.units;
  const parts: string[] = [];
  let stderr = '';
  let exitCode = 0;
  for (const word of names) {
    const name = unitNameOf(context, word);
    if (name === undefined) {
      stderr += `Failed to get unit for PID ${word}: PID ${word} does not belong to any loaded unit.\n`;
      exitCode ||= 1;
      continue;
    }
    if (isTemplateName(name))
      return { stdout: parts.join('\n'), stderr: `Failed to get properties: ${noUnitName(name)}\n`, exitCode: 1 };
    const unit = manager.loadFresh(name);
    if (unit === undefined || (unit.definition.loadState === 'not-found' && activeState(unit) === 'inactive')) {
      stderr += `Unit ${name} could not be found.\n`;
      exitCode ||= exitNoSuchUnit;
      continue;
    }
    if (manager.isChangedOnDisk(unit)) stderr += changedWarning(unit);
    parts.push(await statusOf(context, verb, unit));
    if (!isUp(activeState(unit))) exitCode ||= exitNotActive;
  }
  return { stdout: parts.join('\n'), stderr, exitCode };
}

async function statusOf({ manager, journal }: VerbContext, verb: Verb, unit: Unit): Promise<string> {
  const text = formatStatus(unit, {
    fileState: unitFileState(unit.definition, unit.name),
    preset: presetText(unit),
    triggeredBy: dependents(manager, unit, ['Triggers']),
  });
  const lines = Number(verb.options['lines'] ?? statusLogLines);
  // What came before the unit last began to do something is of another life.
  const sinceUs = stateTimes(unit)?.inactiveExitUs ?? 0;
  const last = lines === 0 ? [] : await journal.last(unit.name, lines);
  const entries = last.filter((entry) => entry.timeUs >= sinceUs);
  const log = formatEntries(entries, logOutput(verb.options['output']));
  return log === '' ? text : `${text}\n${log}`;
}

/** What needs more than a few lines of text is journalctl's. */
function logOutput(name: string | undefined): ShortOutput | 'cat' {
  if (name === 'cat') return name;
  return SHORT_OUTPUTS.find((output) => output === name) ?? 'short';
}

function presetText(unit: Unit): string {
  const name = parseUnitName(unit.name);
  return name === undefined ? '' : presetOf(name);
}

/** A number stands for the unit that the process belongs to. */
function unitNameOf({ manager }: VerbContext, word: string): string | undefined {
  return /^\d+$/.test(word) ? unitOfPid(manager, Number(word)) : word;
}

/** A template is no unit: there is nothing to be known of it but its file. */
export function isTemplateName(name: string): boolean {
  return parseUnitName(name)?.instance === '';
}

export function noUnitName(name: string): string {
  return `Unit name ${name} is neither a valid invocation ID nor unit name.`;
}

export function changedWarning(unit: Unit): string {
  return `Warning: The unit file, source configuration file or drop-ins of ${unit.name} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`;
}

export function show(context: VerbContext, verb: Verb): UnitReply {
  const wanted = listOption(verb, 'property-value') ?? listOption(verb, 'property');
  const isValueOnly = 'value' in verb.options || 'property-value' in verb.options;
  const format = (properties: Iterable<readonly [string, string]>) =>
    [...properties]
      .filter(([key, value]) => (wanted === undefined ? value !== '' || 'all' in verb.options : wanted.includes(key)))
      .flatMap(([key, value]) => (isValueOnly ? [value] : value.split('\n').map((line) => `${key}=${line}`)))
      .map((line) => `${line}\n`)
      .join('');
  if (!verb.isNamed) return success(format(managerProperties(context)));
  const texts: string[] = [];
  for (const word of verb.units) {
    const name = unitNameOf(context, word);
    if (name === undefined)
      return failure(`Failed to get unit for PID ${word}: PID ${word} does not belong to any loaded unit.\n`);
    if (isTemplateName(name)) return failure(`Failed to get properties: ${noUnitName(name)}\n`);
    const unit = context.manager.loadFresh(name);
    if (unit !== undefined) texts.push(format(propertiesOf(context, unit)));
  }
  return success(texts.join('\n'));
}

function propertiesOf(context: VerbContext, unit: Unit): Map<string, string> {
  return unitProperties(unit, {
    fileState: unitFileState(unit.definition, unit.name),
    preset: presetText(unit),
    needsReload: context.manager.isChangedOnDisk(unit),
    reverse: { ...reverseDependencies(context, unit), ...bothSides(context, unit) },
  });
}

function reverseDependencies({ manager }: VerbContext, unit: Unit): Record<string, string[]> {
  const names = (kinds: Parameters<typeof dependents>[2]) =>
    dependents(manager, unit, kinds).map((other) => other.name);
  return {
    RequiredBy: names(['Requires']),
    RequisiteOf: names(['Requisite']),
    WantedBy: names(['Wants']),
    BoundBy: names(['BindsTo']),
    UpheldBy: names(['Upholds']),
    ConsistsOf: names(['PartOf']),
    ConflictedBy: names(['Conflicts']),
    TriggeredBy: names(['Triggers']),
    OnFailureOf: names(['OnFailure']),
    OnSuccessOf: names(['OnSuccess']),
  };
}

/** Kinds that are each other's other side: what either unit's file says is shown of both. */
const opposites: readonly (readonly [DependencyKind, DependencyKind])[] = [
  ['Before', 'After'],
  ['After', 'Before'],
  ['PropagatesReloadTo', 'ReloadPropagatedFrom'],
  ['ReloadPropagatedFrom', 'PropagatesReloadTo'],
  ['PropagatesStopTo', 'StopPropagatedFrom'],
  ['StopPropagatedFrom', 'PropagatesStopTo'],
];

function bothSides({ manager }: VerbContext, unit: Unit): Record<string, string[]> {
  return Object.fromEntries(
    opposites.map(([kind, opposite]) => [
      kind,
      [
        ...new Set([
          ...unit.definition.dependencies[kind],
          ...dependents(manager, unit, [opposite]).map((other) => other.name),
        ]),
      ],
    ]),
  );
}

export function cat(context: VerbContext, verb: Verb): UnitReply {
  const parts: string[] = [];
  for (const name of verb.units) {
    const unit = context.manager.loadFresh(name);
    const { fragmentPath, dropInPaths = [], loadState } = unit?.definition ?? {};
    if (loadState === 'masked') {
      parts.push(`# Unit ${name} is masked.\n`);
      continue;
    }
    if (fragmentPath === undefined) return { ...failure(`No files found for ${name}.\n`), stdout: parts.join('\n') };
    const files = [fragmentPath, ...dropInPaths].map((path) => `# ${path}\n${readFileSync(path, 'utf8')}`);
    parts.push(files.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('\n'));
  }
  return success(parts.join('\n'));
}
