import { guestConfigEnvFile, guestDisplay, guestEnvFile, guestHome } from '@bhatti/wire/guest-paths.ts';
import type { Account } from '@bhatti/sys/account.ts';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnvironmentFile } from '../unit/environment-file.ts';

export type Environment = Readonly<Record<string, string>>;

export const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const displayUnit = '/etc/systemd/system/bhatti-display-env.service';

/**
 * The environment of a command; later wins: what every command has, the account's, create-time env and secrets, /run/bhatti/env, the request's own. The two files are
 * read at every call: whoever changes them changes the next command.
 */
export function commandEnvironment(account: Account, requested: Environment): Record<string, string> {
  return {
    PATH: standardPath,
    LANG: 'en_US.UTF-8',
    TERM: 'xterm-256color',
    ...desktopEnvironment(),
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    ...readEnvironmentFile(guestConfigEnvFile),
    ...readEnvironmentFile(guestEnvFile),
    ...requested,
  };
}

/**
 * An image with a desktop has DISPLAY before the unit that writes it into /run/bhatti/env has run, and root finds the X cookie as well as lohar does.
 */
function desktopEnvironment(): Environment {
  if (!existsSync(displayUnit)) return {};
  return { DISPLAY: guestDisplay, XAUTHORITY: `${guestHome}/.Xauthority` };
}

function readEnvironmentFile(path: string): Environment {
  try {
    return parseEnvironmentFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}; // nothing was set
    throw error;
  }
}
