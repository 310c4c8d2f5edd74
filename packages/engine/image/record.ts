import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What image.json holds. */
export interface ImageRecord {
  readonly name: string;
  /** Content address: `sha256:` and 64 hexadecimal digits over recipe and versions of packages. */
  readonly digest: string;
  /** Digest of the recipe alone: a build of the same one is answered with what is there. */
  readonly recipe?: string;
  readonly sizeMb: number;
  readonly createdAt: string;
  /** Whether a sandbox of it has a desktop to wait for. */
  readonly desktop: boolean;
  /** Size of disk for a sandbox whose owner names none. */
  readonly defaultDiskMb?: number;
}

/** The record in an image's directory; undefined when there is no whole image. */
export function tryReadImage(dir: string): ImageRecord | undefined {
  try {
    // SAFETY: written by the build, whole or not at all.
    return JSON.parse(readFileSync(join(dir, 'image.json'), 'utf8')) as ImageRecord;
  } catch {
    return undefined; // expected: no image there
  }
}

/** Directories of replaced images that sandboxes still stand on. */
export const keptPrefix = '.kept-';

export function keptName(digest: string): string {
  return `${keptPrefix}${digest.replace('sha256:', '')}`;
}
