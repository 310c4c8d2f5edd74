import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ServiceSettings } from './definition.ts';
import { step } from './step-error.ts';

/** `RuntimeDirectory=` and its kin: where they are, what they are called in the environment, and the exit status of a process that cannot have one. */
const KINDS = [
  { key: 'runtimeDirectory', variable: 'RUNTIME_DIRECTORY', root: '/run', status: 233 },
  { key: 'stateDirectory', variable: 'STATE_DIRECTORY', root: '/var/lib', status: 238 },
  { key: 'cacheDirectory', variable: 'CACHE_DIRECTORY', root: '/var/cache', status: 239 },
  { key: 'logsDirectory', variable: 'LOGS_DIRECTORY', root: '/var/log', status: 240 },
  { key: 'configurationDirectory', variable: 'CONFIGURATION_DIRECTORY', root: '/etc', status: 241 },
] as const;

/** The directories that a service has, with where they are. */
export function unitDirectories(settings: ServiceSettings): { key: (typeof KINDS)[number]['key']; path: string }[] {
  return KINDS.flatMap(({ key, root }) => settings[key].names.map((name) => ({ key, path: join(root, name) })));
}

/** The variables that tell a service of its directories. */
export function directoryEnvironment(settings: ServiceSettings): Record<string, string> {
  return Object.fromEntries(
    KINDS.filter(({ key }) => settings[key].names.length > 0).map(({ key, variable, root }) => [
      variable,
      settings[key].names.map((name) => join(root, name)).join(':'),
    ]),
  );
}

/** Makes what is missing. What is there gets the unit's mode and, with all that is in it, its owner; configuration keeps the one it has (systemd.exec(5), RuntimeDirectory=). */
export function prepareDirectories(settings: ServiceSettings, owner: Credentials): void {
  for (const { key, root, status } of KINDS) {
    const { names, links, mode } = settings[key];
    step(status, 'Failed to set up special execution directory in ' + root, () => {
      for (const name of names) prepareDirectory(join(root, name), mode, owner, key === 'configurationDirectory');
      for (const [link, name] of links) prepareLink(join(root, link), join(root, name));
    });
  }
}

/** Runtime directories go with the unit's run. */
export function removeRuntimeDirectories({ runtimeDirectory }: ServiceSettings): void {
  for (const name of runtimeDirectory.names) rmSync(join('/run', name), { recursive: true, force: true });
  for (const link of runtimeDirectory.links.keys()) rmSync(join('/run', link), { force: true });
}

function prepareDirectory(path: string, mode: number, owner: Credentials, keepsOwner: boolean): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const isNew = tryMake(path);
  const { uid, gid } = statSync(path);
  if (isNew) chownSync(path, owner.uid, owner.gid);
  // chown(1) does not follow what a unit may have put in its place.
  else if (!keepsOwner && (uid !== owner.uid || gid !== owner.gid)) chownAll(path, owner);
  chmodSync(path, mode);
}

function tryMake(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST' && statSync(path).isDirectory())
      return false;
    throw error;
  }
}

function chownAll(path: string, { uid, gid }: Credentials): void {
  const { status, stderr } = spawnSync('/bin/chown', ['-hR', '--', `${uid}:${gid}`, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
}

function prepareLink(link: string, target: string): void {
  const text = relative(dirname(link), target);
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true && readlinkSync(link) === text) return;
  mkdirSync(dirname(link), { recursive: true, mode: 0o755 });
  symlinkSync(text, link);
}
