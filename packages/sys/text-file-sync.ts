import { readFileSync } from 'node:fs';

/** A small text file, or undefined where there is none. In a file of its own, since `text-file.ts` is there to spare short commands node:fs. */
export function tryReadTextSync(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
