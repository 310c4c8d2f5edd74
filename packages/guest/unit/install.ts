import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { UnitDefinition } from './definition.ts';
import { namesIn } from './directory-index.ts';
import { loadUnit } from './load.ts';
import { parseUnitName, type UnitName } from './unit-name.ts';
import { UNIT_DIRECTORIES } from './unit-path.ts';

/** What systemctl calls the state of a unit's file. */
export type UnitFileState =
  | 'enabled'
  | 'enabled-runtime'
  | 'disabled'
  | 'static'
  | 'masked'
  | 'masked-runtime'
  | 'alias'
  | 'indirect'
  | 'bad'
  | '';

/** A change of the links that stand for enabling, as systemctl reports it. */
export type InstallChange =
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'no-install'; readonly unit: string };

export interface InstallPlace {
  /** Where links are made: /etc/systemd/system, or /run/systemd/system with --runtime. */
  readonly directory: string;
  readonly search: readonly string[];
}

export const persistentPlace: InstallPlace = { directory: UNIT_DIRECTORIES[0], search: UNIT_DIRECTORIES };
export const runtimePlace: InstallPlace = { directory: UNIT_DIRECTORIES[1], search: UNIT_DIRECTORIES };

/** Why a unit file cannot be changed; the message is systemctl's after "Failed to enable unit: ". */
export class InstallError extends Error {}

/** Makes the links that [Install] asks for, of the unit and of those in `Also=`. */
export function enableUnit(name: string, place: InstallPlace): InstallChange[] {
  return withAlso(name, place, (unit, definition) => {
    const fragment = mustFragment(unit, definition);
    const changes = installLinks(unit, definition).flatMap((link) => makeLink(join(place.directory, link), fragment));
    if (isInstallable(definition)) return changes;
    return [...changes, { kind: 'no-install', unit: unit.name }];
  });
}

/** Takes away every link to the unit, whoever made it. */
export function disableUnit(name: string, place: InstallPlace): InstallChange[] {
  return withAlso(name, place, (unit, definition) => {
    const changes = linksTo(definition.names, place.directory).flatMap(removeLink);
    if (changes.length > 0 || isInstallable(definition) || definition.loadState !== 'loaded') return changes;
    return [{ kind: 'no-install', unit: unit.name }];
  });
}

export function maskUnit(name: string, place: InstallPlace): InstallChange[] {
  const path = join(place.directory, mustName(name).name);
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link !== undefined && !link.isSymbolicLink()) throw new InstallError(`File ${path} already exists.`);
  return makeLink(path, '/dev/null');
}

export function unmaskUnit(name: string, place: InstallPlace): InstallChange[] {
  const path = join(place.directory, mustName(name).name);
  return tryReadlink(path) === '/dev/null' ? removeLink(path) : [];
}

/** Empty when there is no such unit file. */
export function unitFileState(
  definition: UnitDefinition,
  asked: string,
  search: readonly string[] = UNIT_DIRECTORIES,
): UnitFileState {
  const [persistent = '', runtime = ''] = search;
  if (definition.loadState === 'masked')
    return dirname(definition.fragmentPath ?? '') === runtime ? 'masked-runtime' : 'masked';
  if (definition.fragmentPath === undefined) return '';
  if (definition.loadState === 'error') return 'bad';
  if (asked !== definition.name && definition.names.has(asked) && !asked.includes('@')) return 'alias';
  if (linksTo(definition.names, persistent).length > 0) return 'enabled';
  if (linksTo(definition.names, runtime).length > 0) return 'enabled-runtime';
  if (isInstallable(definition)) return 'disabled';
  return definition.install.also.length > 0 ? 'indirect' : 'static';
}

export function isInstallable({ install }: UnitDefinition): boolean {
  return install.wantedBy.length > 0 || install.requiredBy.length > 0 || install.alias.length > 0;
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
    const unit = mustName(next);
    const definition = loadUnit(unit.name, place.search);
    if (definition === undefined || definition.loadState === 'not-found')
      throw new InstallError(`Unit file ${unit.name} does not exist.`);
    if (definition.loadState === 'masked')
      throw new InstallError(`Unit file ${definition.fragmentPath ?? unit.name} is masked.`);
    changes.push(...change(unit, definition));
    queue.push(...definition.install.also);
  }
  return changes;
}

function installLinks(unit: UnitName, definition: UnitDefinition): string[] {
  const { wantedBy, requiredBy, alias, defaultInstance } = definition.install;
  const isTemplate = unit.instance === '';
  if (isTemplate && defaultInstance === undefined && (wantedBy.length > 0 || requiredBy.length > 0))
    throw new InstallError(`Unit ${unit.name} is a template and has no DefaultInstance=: give an instance name.`);
  const linkName =
    isTemplate && defaultInstance !== undefined ? `${unit.prefix}@${defaultInstance}.${unit.type}` : unit.name;
  return [
    ...alias,
    ...wantedBy.map((target) => join(`${target}.wants`, linkName)),
    ...requiredBy.map((target) => join(`${target}.requires`, linkName)),
  ];
}

/** Links under a directory, and one level below it, whose end is one of these units. */
function linksTo(names: ReadonlySet<string>, directory: string): string[] {
  const folders = ['', ...[...namesIn(directory)].filter((entry) => /\.(wants|requires|upholds)$/.test(entry))];
  return folders.flatMap((folder) =>
    [...namesIn(join(directory, folder))].flatMap((entry) => {
      const path = join(directory, folder, entry);
      if (parseUnitName(entry) === undefined) return [];
      const target = tryReadlink(path);
      if (target === undefined || target === '/dev/null') return [];
      const isDependency = folder !== '' && names.has(entry);
      const isAlias = folder === '' && names.has(basename(target)) && entry !== basename(target);
      return isDependency || isAlias ? [path] : [];
    }),
  );
}

function makeLink(path: string, target: string): InstallChange[] {
  const existing = tryReadlink(path);
  if (existing !== undefined && resolve(dirname(path), existing) === target) return [];
  if (existing === undefined && existsSync(path)) throw new InstallError(`File ${path} already exists.`);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
  return [{ kind: 'symlink', path, target }];
}

function removeLink(path: string): InstallChange[] {
  rmSync(path, { force: true });
  return [{ kind: 'unlink', path }];
}

function mustFragment(unit: UnitName, definition: UnitDefinition): string {
  if (definition.fragmentPath === undefined) throw new InstallError(`Unit file ${unit.name} does not exist.`);
  return definition.fragmentPath;
}

function mustName(name: string): UnitName {
  const unit = parseUnitName(name);
  if (unit === undefined) throw new InstallError(`Invalid unit name "${name}".`);
  return unit;
}

function tryReadlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // expected: no link, or nothing at all
  }
}
