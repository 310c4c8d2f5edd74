import { readdirSync, statSync } from 'node:fs';

interface Listing {
  readonly mtimeMs: number;
  readonly readAtMs: number;
  readonly names: ReadonlySet<string>;
}

const listings = new Map<string, Listing>();
const settledMs = 50; // a directory that changed this shortly before it was read may have changed again within one tick of the kernel's clock

/**
 * The names in a directory; empty where there is none. Kept until the directory changes: loading one unit asks for a hundred files of which hardly any exists, and each answer by
 * the system would cost an exception.
 */
export function namesIn(directory: string): ReadonlySet<string> {
  const mtimeMs = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? -1;
  const known = listings.get(directory);
  if (known !== undefined && known.mtimeMs === mtimeMs && known.readAtMs - mtimeMs > settledMs) return known.names;
  const listing = { mtimeMs, readAtMs: Date.now(), names: new Set(mtimeMs === -1 ? [] : tryList(directory)) };
  listings.set(directory, listing);
  return listing.names;
}

function tryList(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return []; // gone since, or no directory
    throw error;
  }
}
