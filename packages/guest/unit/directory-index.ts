import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Listing {
  readonly mtimeMs: number;
  readonly readAtMs: number;
  readonly names: ReadonlySet<string>;
  /** Symbolic links by name, with where they lead; read when asked for. */
  links?: ReadonlyMap<string, string>;
}

const listings = new Map<string, Listing>();
const settledMs = 50; // a directory that changed this shortly before it was read may have changed again within one tick of the kernel's clock

/**
 * The names in a directory; empty where there is none. Kept until the directory changes: loading one unit asks for a hundred files of which hardly any exists, and each answer by
 * the system would cost an exception.
 */
export function namesIn(directory: string): ReadonlySet<string> {
  return listingOf(directory).names;
}

/** The symbolic links in a directory, each with the path it leads to. */
export function linksIn(directory: string): ReadonlyMap<string, string> {
  const listing = listingOf(directory);
  listing.links ??= new Map(
    [...listing.names].flatMap((name) => {
      const target = tryReadlink(join(directory, name));
      return target === undefined ? [] : [[name, resolve(directory, target)] as const];
    }),
  );
  return listing.links;
}

function listingOf(directory: string): Listing {
  const mtimeMs = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? -1;
  const known = listings.get(directory);
  if (known !== undefined && known.mtimeMs === mtimeMs && known.readAtMs - mtimeMs > settledMs) return known;
  const listing: Listing = { mtimeMs, readAtMs: Date.now(), names: new Set(mtimeMs === -1 ? [] : tryList(directory)) };
  listings.set(directory, listing);
  return listing;
}

function tryReadlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // expected: it is no link
  }
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
