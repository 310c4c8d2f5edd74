import { accessSync, constants, statSync } from 'node:fs';

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A program by its name or path, as execvp(3) would find it. */
export function findExecutable(name: string, path: string | undefined): string | undefined {
  if (name === '') return undefined;
  const candidates = name.includes('/')
    ? [name]
    : (path ?? defaultPath).split(':').map((folder) => `${folder}/${name}`);
  return candidates.find((candidate) => isExecutable(candidate));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // expected: not there, or not for us
  }
}
