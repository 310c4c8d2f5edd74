import { existsSync, mkdirSync, readlinkSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { namesIn } from './directory-index.ts';
import { parseUnitName, templateOf } from './unit-name.ts';

/** A change of the links that stand for enabling, as systemctl reports it. */
export type InstallChange =
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'no-install'; readonly unit: string }
  /** Something that is said and changes nothing. */
  | { readonly kind: 'note'; readonly text: string };

/** Why a unit file cannot be changed; the message is systemctl's after "Failed to enable unit: ". */
export class InstallError extends Error {}

/** Links under a directory, and one level below it, whose end is one of these units, or an instance where one is a template; `own` is one more. */
export function linksTo(names: ReadonlySet<string>, directory: string, own: string | undefined): string[] {
  const folders = [...namesIn(directory)].filter((entry) => /\.(wants|requires|upholds)$/.test(entry));
  const links = ['', ...folders].flatMap((folder) =>
    [...namesIn(join(directory, folder))].flatMap((entry) => {
      const path = join(directory, folder, entry);
      const unit = parseUnitName(entry);
      if (unit === undefined) return [];
      const target = tryReadlink(path);
      if (target === undefined || target === '/dev/null') return [];
      const isDependency = folder !== '' && (names.has(entry) || names.has(templateOf(unit) ?? ''));
      const isAlias = folder === '' && names.has(basename(target)) && entry !== basename(target);
      return isDependency || isAlias ? [path] : [];
    }),
  );
  return own === undefined ? links : [...links, own];
}

/** Nothing when it is there already. Another link is in the way, unless it may be replaced. */
export function makeLink(path: string, target: string, others: 'kept' | 'replaced' = 'kept'): InstallChange[] {
  const existing = tryReadlink(path);
  if (existing !== undefined && resolve(dirname(path), existing) === target) return [];
  if (existing === undefined && existsSync(path)) throw new InstallError(`File ${path} already exists.`);
  if (existing !== undefined && others === 'kept')
    throw new InstallError(`File ${path} already exists and is a symlink to ${existing}.`);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
  return [{ kind: 'symlink', path, target }];
}

/** With the folder, when it was the last in it. */
export function removeLink(path: string): InstallChange[] {
  rmSync(path, { force: true });
  if (/\.(wants|requires|upholds)$/.test(dirname(path))) tryRemoveFolder(dirname(path));
  return [{ kind: 'unlink', path }];
}

export function tryRemoveFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTEMPTY' || code === 'ENOENT') return false; // others are in it
    throw error;
  }
}

export function tryReadlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // expected: no link, or nothing at all
  }
}
