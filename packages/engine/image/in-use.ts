import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Digests of the images that sandboxes stand on, unfinished ones included: each has written the one that it was made of into its record. */
export function digestsInUse(dataDir: string): ReadonlySet<string> {
  const sandboxesDir = join(dataDir, 'sandboxes');
  return new Set(entries(sandboxesDir).flatMap((name) => digestIn(join(sandboxesDir, name, 'sandbox.json'))));
}

function digestIn(record: string): string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(record, 'utf8'));
    const digest: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'imageDigest') : undefined;
    return typeof digest === 'string' ? [digest] : [];
  } catch {
    return []; // expected: it is being made or destroyed; what cannot be read cannot be started either
  }
}

/** Names in a directory; none where it does not exist. */
export function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
