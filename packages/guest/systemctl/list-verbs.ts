import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { isGlob, matchesGlob } from '../unit/glob.ts';
import { unitFileState } from '../unit/install.ts';
import { loadUnit } from '../unit/load.ts';
import { presetOf } from '../unit/preset.ts';
import { activeState, subState, type Unit } from '../unit/unit.ts';
import { mangleUnitName } from '../unit/unit-name-escape.ts';
import { parseUnitName } from '../unit/unit-name.ts';
import { listUnitFiles } from '../unit/unit-path.ts';
import { formatDependencies, type DependencyView } from './dependency-list.ts';
import { byTypeAndName, formatFileList, formatTable, formatUnitList, type ListedFile } from './list.ts';
import { listOption, success, type Verb, type VerbContext } from './reply.ts';

export function listUnits({ manager }: VerbContext, verb: Verb): UnitReply {
  const states = listOption(verb, 'state');
  const types = listOption(verb, 'type');
  // What is named shall be found, in memory or not.
  for (const name of verb.units) if (!isGlob(name)) manager.loadFresh(name);
  const units = [...manager.loaded()].filter((unit) => {
    if (!matchesAny(verb.units, unit.name)) return false;
    if (types !== undefined && !types.includes(unit.definition.type) && !types.includes(unit.definition.loadState))
      return false;
    if (states !== undefined) return matchesState(unit, states);
    return 'all' in verb.options || activeState(unit) !== 'inactive' || unit.job !== undefined;
  });
  const hints = states !== undefined ? 'none' : 'all' in verb.options ? 'files' : 'all';
  return success(formatUnitList(units, { hasLegend: hasLegend(verb), isPlain: 'plain' in verb.options, hints }));
}

export function matchesState(unit: Unit, states: readonly string[]): boolean {
  return [activeState(unit), unit.definition.loadState, subState(unit)].some((state) => states.includes(state));
}

export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesGlob(pattern, name));
}

export function listFiles(_context: VerbContext, verb: Verb): UnitReply {
  const types = listOption(verb, 'type');
  const states = listOption(verb, 'state');
  const files = [...listUnitFiles().keys()].flatMap((name): ListedFile[] => {
    const unit = parseUnitName(name);
    if (unit === undefined || (types !== undefined && !types.includes(unit.type))) return [];
    if (!matchesAny(verb.units, name)) return [];
    const definition = loadUnit(name);
    const state = definition === undefined ? 'bad' : unitFileState(definition, name);
    if (states !== undefined && !states.includes(state)) return [];
    return [{ name, state, preset: ['static', 'alias', 'transient', 'bad'].includes(state) ? '-' : presetOf(unit) }];
  });
  const reply = success(formatFileList(files.toSorted(byTypeAndName), hasLegend(verb)));
  // Asked for by name and not there.
  return verb.units.length > 0 && files.length === 0 ? { ...reply, exitCode: 1 } : reply;
}

const views: readonly DependencyView[] = ['reverse', 'before', 'after'];

export function listDependencies({ manager }: VerbContext, verb: Verb): UnitReply {
  const view = views.find((name) => name in verb.options) ?? 'forward';
  const names = verb.units.length === 0 ? ['default.target'] : verb.units;
  const settings = { view, isAll: 'all' in verb.options, isPlain: 'plain' in verb.options };
  return success(formatDependencies(manager, names, settings));
}

export function listJobs({ manager }: VerbContext, verb: Verb): UnitReply {
  const jobs = [...manager.loaded()]
    .flatMap((unit) => (unit.job === undefined ? [] : [unit.job]))
    .filter((job) =>
      matchesAny(
        verb.units.map((word) => (isGlob(word) ? word : mangleUnitName(word).name)),
        job.unit.name,
      ),
    )
    .toSorted((a, b) => a.id - b.id);
  if (jobs.length === 0) return success(verb.units.length > 0 ? 'No jobs listed.\n' : 'No jobs running.\n');
  const rows = jobs.map((job) => [String(job.id), job.unit.name, job.type, job.state]);
  if (!hasLegend(verb)) return success(formatTable(rows));
  return success(`${formatTable([['JOB', 'UNIT', 'TYPE', 'STATE'], ...rows])}\n${jobs.length} jobs listed.\n`);
}

export function hasLegend(verb: Verb): boolean {
  return (
    !('no-legend' in verb.options) &&
    !('quiet' in verb.options) &&
    !/^(no|false|0|off|n|f)$/.test(verb.options['legend'] ?? '')
  );
}
