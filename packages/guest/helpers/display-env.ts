import { guestDisplay, guestEnvFile, guestHome } from '@bhatti/wire/guest-paths.ts';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runHelper } from './run-helper.ts';

/** What every command needs to find the desktop. Root has another home, so it must be told where the cookie is. */
const displayEnv: Readonly<Record<string, string>> = {
  DISPLAY: guestDisplay,
  XAUTHORITY: `${guestHome}/.Xauthority`,
};

/** `bhatti-display-env`: puts the desktop's variables into the file that every exec reads. Other lines of it stay. */
export function main(_args: readonly string[]): Promise<number> {
  return runHelper(async () => {
    writeDisplayEnv(guestEnvFile);
    return 0;
  });
}

/** Replaced at once, so that an exec reads the old lines or the new ones and never a part. */
export function writeDisplayEnv(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, mergeEnv(existsSync(path) ? readFileSync(path, 'utf8') : '', displayEnv), { flag: 'wx' });
    chmodSync(draft, 0o644);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The lines of `text` with those of `env` set: in their place where they are, at the end where they are not. */
export function mergeEnv(text: string, env: Readonly<Record<string, string>>): string {
  const missing = new Map(Object.entries(env));
  const lines = text.split('\n').flatMap((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf('=')));
    if (!Object.hasOwn(env, name)) return line === '' ? [] : [line];
    if (!missing.delete(name)) return []; // the same name a second time
    return [`${name}=${env[name]}`];
  });
  return [...lines, ...Array.from(missing, ([name, value]) => `${name}=${value}`), ''].join('\n');
}
