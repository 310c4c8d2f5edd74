import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { linksIn, namesIn } from './directory-index.ts';
import { reasonOf } from './step-error.ts';
import { parseUnitName, templateOf, type UnitName } from './unit-name.ts';

/** Where an administrator's unit files are, those that go with the next boot, those that programs made (systemd-run(1)), and what `systemctl set-property` writes. */
export const etcUnitDir = '/etc/systemd/system';
export const runUnitDir = '/run/systemd/system';
export const transientUnitDir = '/run/systemd/transient';
/** What generators make, each for those that must come before an administrator's files, after them, and last (systemd.generator(7)). */
export const generatorDirs = {
  normal: '/run/systemd/generator',
  early: '/run/systemd/generator.early',
  late: '/run/systemd/generator.late',
} as const;
export const etcControlDir = '/etc/systemd/system.control';
export const runControlDir = '/run/systemd/system.control';

/** Where packages have theirs. */
export const vendorUnitDirs = [
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

/** Where unit files are, first one wins (systemd.unit(5)). */
export const UNIT_DIRECTORIES = [
  etcControlDir,
  runControlDir,
  transientUnitDir,
  generatorDirs.early,
  etcUnitDir,
  runUnitDir,
  generatorDirs.normal,
  ...vendorUnitDirs,
  generatorDirs.late,
] as const;

const maxFileBytes = 16 * 1024 * 1024; // of units that people write the longest has a thousandth of it

/** What is found under a unit's name. */
export type UnitFile =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'masked'; readonly path: string }
  /** A symbolic link to a unit of another name. */
  | { readonly kind: 'alias'; readonly path: string; readonly target: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string };

/** The file of a unit, or of its template; undefined when there is none. */
export function findUnitFile(unit: UnitName, directories: readonly string[] = UNIT_DIRECTORIES): UnitFile | undefined {
  const template = templateOf(unit);
  for (const name of template === undefined ? [unit.name] : [unit.name, template]) {
    for (const directory of directories) {
      if (!namesIn(directory).has(name)) continue;
      const found = inspect(join(directory, name), unit, directories);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inspect(path: string, unit: UnitName, directories: readonly string[]): UnitFile | undefined {
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link === undefined) return undefined;
  try {
    if (link.isSymbolicLink()) {
      const target = resolve(join(path, '..'), readlinkSync(path));
      if (realOr(target) === '/dev/null') return { kind: 'masked', path };
      const alias = aliasTarget(basename(target), unit);
      if (alias !== undefined && directories.includes(resolve(target, '..')))
        return { kind: 'alias', path, target: alias };
    }
    const stat = statSync(path);
    // An empty file masks too.
    if (stat.isFile() && stat.size === 0) return { kind: 'masked', path };
    // A directory is as good as no file, too.
    if (stat.isDirectory()) return undefined;
    if (!stat.isFile()) return { kind: 'unreadable', path, why: 'Invalid argument' };
    if (stat.size > maxFileBytes) return { kind: 'unreadable', path, why: 'File too large' };
    return { kind: 'file', path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    // A link that leads nowhere is as good as no file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    return { kind: 'unreadable', path, why: reasonOf(error) };
  }
}

/** A link named `a@x.service` to `b@.service` means `b@x.service`; one to its own template or itself is no alias. */
function aliasTarget(target: string, unit: UnitName): string | undefined {
  const parsed = parseUnitName(target);
  if (parsed === undefined || parsed.type !== unit.type) return undefined;
  // A template stands for its instances; otherwise names must be of one kind (systemd.unit(5), "Unit File Load Path").
  if (parsed.instance !== '' && parsed.instance !== unit.instance) return undefined;
  const name = parsed.instance === '' && unit.instance ? `${parsed.prefix}@${unit.instance}.${unit.type}` : target;
  return name === unit.name ? undefined : name;
}

/** Other names of a unit: those under which a symbolic link in one of the directories leads to it. */
export function aliasesOf(unit: UnitName, directories: readonly string[] = UNIT_DIRECTORIES): string[] {
  const template = templateOf(unit);
  const isFirst = (name: string, directory: string) =>
    directories.find((other) => namesIn(other).has(name)) === directory;
  return directories.flatMap((directory) =>
    [...linksIn(directory)].flatMap(([name, target]) => {
      const end = basename(target);
      if ((end !== unit.name && end !== template) || !directories.includes(dirname(target))) return [];
      const alias = parseUnitName(name);
      if (alias === undefined || !isFirst(name, directory)) return [];
      if (end === unit.name) return aliasTarget(end, alias) === end ? [name] : [];
      return alias.instance === '' ? [`${alias.prefix}@${unit.instance}.${alias.type}`] : [];
    }),
  );
}

/** Drop-ins of all these names, in the order in which they apply: by file name, the one in the first directory replacing others of the same name. */
export function findDropIns(names: Iterable<string>, directories: readonly string[] = UNIT_DIRECTORIES): string[] {
  const byName = new Map<string, string>();
  for (const folder of dropInFolders(names)) {
    for (const directory of directories.toSorted(usrFirst)) {
      for (const file of filesIn(directory, folder)) {
        if (file.endsWith('.conf') && !byName.has(file)) byName.set(file, join(directory, folder, file));
      }
    }
  }
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** /lib and /usr/lib are mostly one directory; drop-ins are called by the latter. */
function usrFirst(a: string, b: string): number {
  if (a.startsWith('/lib/') && b === `/usr${a}`) return 1;
  return b.startsWith('/lib/') && a === `/usr${b}` ? -1 : 0;
}

/** `foo-bar@x.service` has foo-bar@x.service.d, foo-bar@.service.d, foo-.service.d and service.d. */
function dropInFolders(names: Iterable<string>): Set<string> {
  const folders: string[] = [];
  const types = new Set<string>();
  for (const name of names) {
    const unit = parseUnitName(name);
    if (unit === undefined) continue;
    folders.push(`${name}.d`);
    const template = templateOf(unit);
    if (template !== undefined) folders.push(`${template}.d`);
    for (let dash = unit.prefix.lastIndexOf('-'); dash > 0; dash = unit.prefix.lastIndexOf('-', dash - 1))
      folders.push(`${unit.prefix.slice(0, dash + 1)}.${unit.type}.d`);
    types.add(`${unit.type}.d`);
  }
  return new Set([...folders, ...types]);
}

/** Units that links in `NAME.wants/` or `NAME.requires/` add. */
export function linkedUnits(
  names: Iterable<string>,
  kind: 'wants' | 'requires' | 'upholds',
  directories: readonly string[] = UNIT_DIRECTORIES,
): string[] {
  const linked = new Set<string>();
  for (const name of names) {
    const unit = parseUnitName(name);
    const template = unit === undefined ? undefined : templateOf(unit);
    for (const folder of template === undefined ? [name] : [name, template])
      for (const directory of directories)
        for (const file of filesIn(directory, `${folder}.${kind}`))
          if (parseUnitName(file) !== undefined) linked.add(file);
  }
  return [...linked];
}

/** Every unit file there is, by name, with the directory that wins. */
export function listUnitFiles(directories: readonly string[] = UNIT_DIRECTORIES): Map<string, string> {
  const files = new Map<string, string>();
  for (const directory of directories)
    for (const file of namesIn(directory))
      if (parseUnitName(file) !== undefined && !files.has(file)) files.set(file, join(directory, file));
  return files;
}

/** What is in a folder of a unit directory; most units have none. */
function filesIn(directory: string, folder: string): Iterable<string> {
  return namesIn(directory).has(folder) ? namesIn(join(directory, folder)) : [];
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // expected: it leads nowhere
  }
}
