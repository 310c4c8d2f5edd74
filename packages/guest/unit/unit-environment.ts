import type { Account } from '@bhatti/sys/account.ts';
import { readFileSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import { parseEnvironmentFile } from './environment-file.ts';

const DIRECTORY_VARIABLES = [
  ['runtimeDirectory', 'RUNTIME_DIRECTORY', '/run'],
  ['stateDirectory', 'STATE_DIRECTORY', '/var/lib'],
  ['cacheDirectory', 'CACHE_DIRECTORY', '/var/cache'],
  ['logsDirectory', 'LOGS_DIRECTORY', '/var/log'],
  ['configurationDirectory', 'CONFIGURATION_DIRECTORY', '/etc'],
] as const;

/**
 * What a service's process gets (systemd.exec(5), "Environment Variables in Spawned Processes"); later wins: the manager's, the account's when `User=` is set, `Environment=`, `EnvironmentFile=`. Throws when a file that must
 * be there is not.
 */
export function unitEnvironment(
  settings: ServiceSettings,
  account: Account | undefined,
  given: { readonly manager: Readonly<Record<string, string>>; readonly own: Readonly<Record<string, string>> },
): Record<string, string> {
  const env: Record<string, string> = {
    ...given.manager,
    ...accountEnvironment(account),
    ...directoryEnvironment(settings),
  };
  for (const name of settings.passEnvironment) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, given.own, Object.fromEntries(settings.environment));
  for (const { path, isOptional } of settings.environmentFiles) Object.assign(env, readFile(path, isOptional));
  for (const assignment of settings.unsetEnvironment) {
    const equals = assignment.indexOf('=');
    const name = equals === -1 ? assignment : assignment.slice(0, equals);
    if (equals === -1 || env[name] === assignment.slice(equals + 1)) delete env[name];
  }
  return env;
}

/** The directories that a service has, with where they are. */
export function unitDirectories(
  settings: ServiceSettings,
): { path: string; mode: number; key: (typeof DIRECTORY_VARIABLES)[number][0] }[] {
  return DIRECTORY_VARIABLES.flatMap(([key, , root]) =>
    settings[key].names.map((name) => ({ key, path: `${root}/${name}`, mode: settings[key].mode })),
  );
}

function accountEnvironment(account: Account | undefined): Record<string, string> {
  if (account === undefined) return {};
  return { HOME: account.home, LOGNAME: account.name, USER: account.name, SHELL: account.shell };
}

function directoryEnvironment(settings: ServiceSettings): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [key, variable, root] of DIRECTORY_VARIABLES) {
    const { names } = settings[key];
    if (names.length > 0) env[variable] = names.map((name) => `${root}/${name}`).join(':');
  }
  return env;
}

function readFile(path: string, isOptional: boolean): Record<string, string> {
  try {
    return parseEnvironmentFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isOptional) return {};
    throw new Error(`Failed to load environment files: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
