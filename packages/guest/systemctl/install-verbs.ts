import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { basename } from 'node:path';
import { runGenerators } from '../unit/generators.ts';
import { InstallError, type InstallChange } from '../unit/install-links.ts';
import {
  addDependency,
  disableUnit,
  enableUnit,
  isInstallable,
  isMissing,
  linkUnit,
  maskUnit,
  mustBeThere,
  persistentPlace,
  runtimePlace,
  setDefaultTarget,
  unmaskUnit,
  type InstallPlace,
} from '../unit/install.ts';
import { loadUnit } from '../unit/load.ts';
import { presetOf } from '../unit/preset.ts';
import { parseUnitName } from '../unit/unit-name.ts';
import { mangleUnitName } from '../unit/unit-name-escape.ts';
import { listUnitFiles } from '../unit/unit-path.ts';
import { changeVerb } from './change-verbs.ts';
import { failure, type Verb, type VerbContext } from './reply.ts';

/** What systemctl calls that which failed: `Failed to add dependency: …`. */
const titles: Readonly<Record<string, string>> = {
  'set-default': 'set default target',
  'preset-all': 'preset all units',
  'add-wants': 'add dependency',
  'add-requires': 'add dependency',
};

/** enable, disable, mask and their kin: links of unit files, then `--now`. */
export async function installVerb(context: VerbContext, verb: Verb): Promise<UnitReply> {
  const place = {
    ...('runtime' in verb.options ? runtimePlace : persistentPlace),
    isForced: 'force' in verb.options,
  };
  const isQuiet = 'quiet' in verb.options;
  const changes: InstallChange[] = [];
  const problem = makeChanges(verb, place, changes);
  // As over the bus: of what has been done before nothing is said.
  if (problem !== undefined)
    return failure(`Failed to ${titles[verb.verb] ?? `${verb.verb} unit`}: ${problem.message}\n`);
  if (!('no-reload' in verb.options)) {
    await runGenerators();
    context.manager.reloadAll();
  }
  const stderr = isQuiet ? '' : report(changes, verb);
  if (!('now' in verb.options)) return { stdout: '', stderr, exitCode: 0 };
  const now = await changeVerb(context, {
    ...verb,
    verb: nowVerbs[verb.verb] ?? 'start',
    units: verb.units.map((name) => basename(name)),
  });
  return { ...now, stderr: stderr + now.stderr };
}

/** All that can be done is; the first problem is answered. */
function makeChanges(verb: Verb, place: InstallPlace, changes: InstallChange[]): InstallError | undefined {
  let problem: InstallError | undefined;
  const attempt = (run: () => void) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof InstallError)) throw error;
      problem ??= error;
    }
  };
  if (verb.verb === 'enable' || verb.verb === 'reenable')
    for (const name of verb.units) if (!name.startsWith('/')) attempt(() => mustBeThere(name, place));
  if (problem !== undefined) return problem;
  for (const change of changesOf(verb, place)) attempt(() => changes.push(...change()));
  return problem;
}

const nowVerbs: Readonly<Record<string, string>> = { disable: 'stop', mask: 'stop', reenable: 'restart' };

/** One step for each unit, so that what was done before a failure is known. */
function changesOf(verb: Verb, place: InstallPlace): (() => InstallChange[])[] {
  switch (verb.verb) {
    case 'preset-all':
      return [...listUnitFiles().keys()].toSorted().map((name) => () => presetUnit(name, place, verb));
    case 'add-wants':
    case 'add-requires': {
      const [target = '', ...units] = verb.units;
      const kind = verb.verb === 'add-wants' ? 'wants' : 'requires';
      return units.map((name) => () => addDependency(target, kind, name, place));
    }
    case 'set-default':
      return verb.units.map((name) => () => setDefaultTarget(mangleUnitName(name, 'target').name, place));
    default:
      return verb.units.map((name) => () => change(verb, name, place));
  }
}

function change(verb: Verb, name: string, place: InstallPlace): InstallChange[] {
  switch (verb.verb) {
    case 'disable':
      // Beside others one that does not exist is no failure.
      return verb.units.length > 1 && isMissing(name, place) ? [] : disableUnit(name, place);
    case 'mask':
      return maskUnit(name, place);
    case 'unmask':
      return unmaskUnit(name, place);
    case 'link':
      return linkUnit(name, place);
    case 'reenable':
      return [...disableUnit(name, place), ...enableUnit(name, place)];
    case 'preset':
      return presetUnit(name, place, verb);
    default:
      // A file from elsewhere is linked first.
      return name.startsWith('/')
        ? [...linkUnit(name, place), ...enableUnit(basename(name), place)]
        : enableUnit(name, place);
  }
}

/** As the presets say; a unit that cannot be enabled is left alone. */
function presetUnit(name: string, place: InstallPlace, verb: Verb): InstallChange[] {
  const unit = parseUnitName(name);
  const definition = loadUnit(name, place.search);
  if (unit === undefined || definition === undefined || definition.loadState === 'not-found')
    throw new InstallError(`Unit file ${name} does not exist.`);
  if (definition.loadState === 'masked')
    return [{ kind: 'note', text: `Unit ${definition.fragmentPath ?? name} is masked, ignoring.` }];
  if (definition.name !== name || !isInstallable(definition)) return [];
  const mode = verb.options['preset-mode'] ?? 'full';
  if (presetOf(unit) === 'disabled') return mode === 'enable-only' ? [] : disableUnit(name, place);
  // A template is enabled by its default instance or not at all.
  if (unit.instance === '' && definition.install.defaultInstance === undefined) return [];
  return mode === 'disable-only' ? [] : enableUnit(name, place);
}

function report(changes: readonly InstallChange[], verb: Verb): string {
  const lines = changes.map((made) => {
    switch (made.kind) {
      case 'symlink':
        return `Created symlink ${made.path} → ${made.target}.\n`;
      case 'unlink':
        return `Removed "${made.path}".\n`;
      case 'note':
        return `${made.text}\n`;
      case 'no-install':
        return '';
    }
  });
  const isWithout = changes.some((made) => made.kind === 'no-install') && !changes.some((made) => 'path' in made);
  return lines.join('') + (isWithout && verb.verb !== 'preset-all' ? noInstallText : '');
}

const noInstallText = `The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
 
Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.
`;
