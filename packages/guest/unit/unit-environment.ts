import type { Account } from '@bhatti/sys/account.ts';
import { globSync, readFileSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import { parseEnvironmentFile } from './environment-file.ts';
import { isGlob } from './glob.ts';
import { reasonOf } from './step-error.ts';
import { credentialsDirectory, hasCredentials } from './unit-credentials.ts';
import { directoryEnvironment } from './unit-directories.ts';

/** Whose environment. */
export interface EnvironmentRequest {
  readonly unit: string;
  readonly settings: ServiceSettings;
  readonly account: Account | undefined;
  /** What every service gets. */
  readonly manager: Readonly<Record<string, string>>;
  /** INVOCATION_ID, MAINPID, NOTIFY_SOCKET, … */
  readonly own: Readonly<Record<string, string>>;
}

/**
 * What a service's process gets (systemd.exec(5), "Environment Variables in Spawned Processes"); later wins: the manager's, the account's when `User=` is set, `Environment=`, `EnvironmentFile=`. Throws when a file that must
 * be there is not.
 */
export function unitEnvironment({ unit, settings, account, manager, own }: EnvironmentRequest): Record<string, string> {
  const env: Record<string, string> = {
    ...manager,
    ...(settings.exec.searchPath.length > 0 ? { PATH: settings.exec.searchPath.join(':') } : {}),
    ...accountEnvironment(account),
    ...directoryEnvironment(settings),
    ...(hasCredentials(settings.exec) ? { CREDENTIALS_DIRECTORY: credentialsDirectory(unit) } : {}),
  };
  for (const name of settings.passEnvironment) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, own, Object.fromEntries(settings.environment));
  for (const file of settings.environmentFiles)
    for (const path of environmentFiles(file.path)) Object.assign(env, readFile(path, file.isOptional));
  for (const assignment of settings.unsetEnvironment) {
    const equals = assignment.indexOf('=');
    const name = equals === -1 ? assignment : assignment.slice(0, equals);
    if (equals === -1 || env[name] === assignment.slice(equals + 1)) delete env[name];
  }
  return env;
}

/** A home or a shell that is none is not spoken of. */
function accountEnvironment(account: Account | undefined): Record<string, string> {
  if (account === undefined) return {};
  const { name, home, shell } = account;
  const hasHome = home !== '/' && name !== 'nobody';
  const hasShell = !/\/(nologin|false|true)$/.test(shell);
  return { ...(hasHome ? { HOME: home } : {}), LOGNAME: name, USER: name, ...(hasShell ? { SHELL: shell } : {}) };
}

/** It may be a pattern (systemd.exec(5), EnvironmentFile=); one that nothing matches is a file that is missing. */
function environmentFiles(path: string): string[] {
  if (!isGlob(path)) return [path];
  const found = globSync(path).toSorted();
  return found.length > 0 ? found : [path];
}

function readFile(path: string, isOptional: boolean): Record<string, string> {
  try {
    return parseEnvironmentFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isOptional) return {};
    throw new Error(`Failed to load environment files: ${reasonOf(error)}`, { cause: error });
  }
}
