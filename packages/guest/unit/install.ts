import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { UnitDefinition } from './definition.ts';
import { linksTo, makeLink, removeLink, tryReadlink, InstallError, type InstallChange } from './install-links.ts';
import { loadUnit } from './load.ts';
import { parseUnitName, templateOf, type UnitName } from './unit-name.ts';
import { etcUnitDir, generatorDirs, runUnitDir, transientUnitDir, UNIT_DIRECTORIES } from './unit-path.ts';

/** What systemctl calls the state of a unit's file. */
export type UnitFileState =
  | 'enabled'
  | 'enabled-runtime'
  | 'linked'
  | 'linked-runtime'
  | 'disabled'
  | 'static'
  | 'masked'
  | 'masked-runtime'
  | 'alias'
  | 'indirect'
  | 'transient'
  | 'bad'
  | '';

export interface InstallPlace {
  /** Where links are made: /etc/systemd/system, or /run/systemd/system with --runtime. */
  readonly directory: string;
  readonly search: readonly string[];
  /** `--force`: links that lead elsewhere are replaced. */
  readonly isForced?: boolean;
}

export const persistentPlace: InstallPlace = { directory: etcUnitDir, search: UNIT_DIRECTORIES };
export const runtimePlace: InstallPlace = { directory: runUnitDir, search: UNIT_DIRECTORIES };

/** Makes the links that [Install] asks for, of the unit and of those in `Also=`. */
export function enableUnit(name: string, place: InstallPlace): InstallChange[] {
  return withAlso(name, place, (unit, definition) => {
    if (definition.loadState === 'masked')
      throw new InstallError(`Unit file ${definition.fragmentPath ?? unit.name} is masked.`);
    const changes = makeLinks(unit, definition, place);
    return hasInstall(definition) ? changes : [...changes, { kind: 'no-install', unit: unit.name }];
  });
}

/** Whether a unit can be enabled at all: asked of all before the first link is made. */
export function mustBeThere(name: string, place: InstallPlace): void {
  const unit = mustName(name);
  const definition = mustLoad(unit, place);
  if (definition.loadState === 'masked')
    throw new InstallError(`Unit file ${definition.fragmentPath ?? unit.name} is masked.`);
}

export function isMissing(name: string, place: InstallPlace): boolean {
  return loadUnit(name, place.search)?.loadState === 'not-found';
}

/** One that cannot be made does not keep the others from being made. */
function makeLinks(unit: UnitName, definition: UnitDefinition, place: InstallPlace): InstallChange[] {
  const fragment = mustFragment(unit, definition, place);
  const others = place.isForced === true ? 'replaced' : 'kept';
  const changes: InstallChange[] = [];
  let problem: InstallError | undefined;
  for (const { path, target } of installLinks(unit, definition)) {
    try {
      if (target === undefined) refuseAlias(unit, path);
      changes.push(...makeLink(join(place.directory, path), fragment, others));
      if (target !== undefined && isMissing(target, place))
        changes.push({
          kind: 'note',
          text: `Unit ${fragment} is added as a dependency to a non-existent unit ${target}.`,
        });
    } catch (error) {
      if (!(error instanceof InstallError)) throw error;
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  return changes;
}

/** systemd.unit(5), Alias=: of the same type, and a template only for a template. */
function refuseAlias(unit: UnitName, alias: string): void {
  const name = parseUnitName(alias);
  const isFit =
    name?.type === unit.type &&
    (unit.instance === undefined
      ? name.instance === undefined
      : name.instance !== undefined && (unit.instance === '' || ['', unit.instance].includes(name.instance)));
  if (!isFit) throw new InstallError(`Cannot alias ${unit.name} as ${alias}.`);
}

/** Takes away every link to the unit, whoever made it. */
export function disableUnit(name: string, place: InstallPlace): InstallChange[] {
  return withAlso(name, place, (unit, definition) => {
    if (definition.loadState === 'masked')
      return [{ kind: 'note', text: `Unit ${definition.fragmentPath ?? unit.name} is masked, ignoring.` }];
    return linksTo(definition.names, place.directory, linkedFile(unit, place)).flatMap(removeLink);
  });
}

export function maskUnit(name: string, place: InstallPlace): InstallChange[] {
  const unit = mustName(name);
  const path = join(place.directory, unit.name);
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link !== undefined && !link.isSymbolicLink()) throw new InstallError(`File ${path} already exists.`);
  const isKnown = loadUnit(unit.name, place.search)?.loadState !== 'not-found';
  const notes: InstallChange[] = isKnown
    ? []
    : [{ kind: 'note', text: `Unit ${unit.name} does not exist, proceeding anyway.` }];
  return [...notes, ...makeLink(path, '/dev/null', place.isForced === true ? 'replaced' : 'kept')];
}

export function unmaskUnit(name: string, place: InstallPlace): InstallChange[] {
  const path = join(place.directory, mustName(name).name);
  return tryReadlink(path) === '/dev/null' ? removeLink(path) : [];
}

/** `systemctl link`: a unit file that is somewhere else. */
export function linkUnit(path: string, place: InstallPlace): InstallChange[] {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) throw new InstallError(`Unit file ${path} does not exist.`);
  if (!file.isFile() && !file.isSymbolicLink()) throw new InstallError(`Unit file ${path} is not a regular file.`);
  mustName(basename(path));
  if (place.search.some((directory) => directory === dirname(path))) return [];
  return makeLink(join(place.directory, basename(path)), path, place.isForced === true ? 'replaced' : 'kept');
}

/** `systemctl add-wants`, `add-requires`: a link as [Install] would have made it. */
export function addDependency(
  target: string,
  kind: 'wants' | 'requires',
  name: string,
  place: InstallPlace,
): InstallChange[] {
  const to = mustName(target);
  if (loadUnit(to.name, place.search)?.loadState === 'not-found')
    throw new InstallError(`Unit file ${to.name} does not exist.`);
  const unit = mustName(name);
  const fragment = mustFragment(unit, mustLoad(unit, place), place);
  return makeLink(join(place.directory, `${to.name}.${kind}`, unit.name), fragment);
}

export function setDefaultTarget(name: string, place: InstallPlace): InstallChange[] {
  const unit = mustName(name);
  const definition = mustLoad(unit, place);
  if (definition.loadState === 'masked')
    throw new InstallError(`Unit file ${definition.fragmentPath ?? unit.name} is masked.`);
  // A target that is built in has no file; the link stands for its name.
  const target = definition.fragmentPath ?? join('/lib/systemd/system', definition.name);
  const link = join(place.directory, 'default.target');
  const before = tryReadlink(link);
  if (before !== undefined && resolve(dirname(link), before) === target)
    return [{ kind: 'symlink', path: link, target }];
  return [...(before === undefined ? [] : removeLink(link)), ...makeLink(link, target)];
}

/** Empty when there is no such unit file. */
export function unitFileState(
  definition: UnitDefinition,
  asked: string,
  places: { readonly persistent: string; readonly runtime: string } = { persistent: etcUnitDir, runtime: runUnitDir },
): UnitFileState {
  const { persistent, runtime } = places;
  const { fragmentPath, names } = definition;
  if (definition.loadState === 'masked') return dirname(fragmentPath ?? '') === runtime ? 'masked-runtime' : 'masked';
  if (fragmentPath === undefined) return '';
  if (definition.loadState === 'error') return 'bad';
  if (dirname(fragmentPath) === transientUnitDir) return 'transient';
  if (asked !== definition.name && names.has(asked) && !asked.includes('@')) return 'alias';
  const enabling = (directory: string) =>
    linksTo(names, directory, undefined).filter((link) => isOwn(link, definition, asked));
  if (enabling(persistent).length > 0) return 'enabled';
  if (enabling(runtime).length > 0 || enabling(generatorDirs.normal).length > 0) return 'enabled-runtime';
  if (isLinkedFile(join(persistent, definition.name))) return 'linked';
  if (isLinkedFile(join(runtime, definition.name))) return 'linked-runtime';
  // Of a template only instances can be enabled.
  if ([persistent, runtime].some((directory) => linksTo(names, directory, undefined).length > 0)) return 'indirect';
  if (isInstallable(definition)) return 'disabled';
  return definition.install.also.length > 0 ? 'indirect' : 'static';
}

export function isInstallable({ install }: UnitDefinition): boolean {
  return install.wantedBy.length > 0 || install.requiredBy.length > 0 || install.alias.length > 0;
}

function hasInstall(definition: UnitDefinition): boolean {
  return isInstallable(definition) || definition.install.also.length > 0;
}

function isLinkedFile(path: string): boolean {
  const target = tryReadlink(path);
  return target !== undefined && target !== '/dev/null';
}

/** Of other names those that [Install] asks for; of a template's instances the default one (`DefaultInstance=`). */
function isOwn(link: string, { install }: UnitDefinition, asked: string): boolean {
  const isDependency = /\.(wants|requires|upholds)$/.test(dirname(link));
  if (!isDependency && !install.alias.includes(basename(link))) return false;
  if (!asked.includes('@.') || basename(link).includes('@.')) return true;
  return (
    install.defaultInstance !== undefined && basename(link) === asked.replace('@.', `@${install.defaultInstance}.`)
  );
}

function withAlso(
  name: string,
  place: InstallPlace,
  change: (unit: UnitName, definition: UnitDefinition) => InstallChange[],
): InstallChange[] {
  const done = new Set<string>();
  const changes: InstallChange[] = [];
  const queue = [name];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (done.has(next)) continue;
    done.add(next);
    if (next !== name && isMissing(next, place)) {
      changes.push({ kind: 'note', text: `Failed to enable auxiliary unit ${next}, ignoring.` });
      continue;
    }
    const unit = mustName(next);
    const definition = mustLoad(unit, place);
    changes.push(...change(unit, definition));
    queue.push(...definition.install.also);
  }
  return changes;
}

/** Paths of links below the directory, each with the unit that it makes depend on this one, or none for another name. */
function installLinks(
  unit: UnitName,
  definition: UnitDefinition,
): { readonly path: string; readonly target: string | undefined }[] {
  const { wantedBy, requiredBy, alias, defaultInstance } = definition.install;
  const isTemplate = unit.instance === '';
  const targets = [...wantedBy, ...requiredBy];
  if (isTemplate && defaultInstance === undefined && targets[0] !== undefined)
    throw new InstallError(`Destination unit ${targets[0]} is a non-template unit.`);
  const linkName =
    isTemplate && defaultInstance !== undefined ? `${unit.prefix}@${defaultInstance}.${unit.type}` : unit.name;
  return [
    ...alias.map((path) => ({ path, target: undefined })),
    ...wantedBy.map((target) => ({ path: join(`${target}.wants`, linkName), target })),
    ...requiredBy.map((target) => ({ path: join(`${target}.requires`, linkName), target })),
  ];
}

/** The link by which a file from elsewhere is known here; disabling takes it away as well. */
function linkedFile(unit: UnitName, place: InstallPlace): string | undefined {
  const path = join(place.directory, templateOf(unit) ?? unit.name);
  const target = tryReadlink(path);
  if (target === undefined || !isLinkedFile(path)) return undefined;
  const isAlias = place.search.some((directory) => directory === dirname(resolve(place.directory, target)));
  return isAlias ? undefined : path;
}

/** The file that links point to: of one that is linked from elsewhere, the file itself. */
function mustFragment(unit: UnitName, definition: UnitDefinition, place: InstallPlace): string {
  const { fragmentPath } = definition;
  if (fragmentPath === undefined) throw new InstallError(`Unit file ${unit.name} does not exist.`);
  const target = dirname(fragmentPath) === place.directory ? tryReadlink(fragmentPath) : undefined;
  return target === undefined ? fragmentPath : resolve(place.directory, target);
}

function mustLoad(unit: UnitName, place: InstallPlace): UnitDefinition {
  const definition = loadUnit(unit.name, place.search);
  if (definition === undefined || definition.loadState === 'not-found')
    throw new InstallError(`Unit file ${unit.name} does not exist.`);
  return definition;
}

function mustName(name: string): UnitName {
  const unit = parseUnitName(name);
  if (unit === undefined) throw new InstallError(`Invalid unit name "${name}".`);
  return unit;
}
