import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '..', '..');

/** The executable under test, which sandboxes get as well. */
export const executable = process.env['BHATTI_EXECUTABLE'] ?? join(root, 'dist', 'bhatti');
/** Images that were built before the tests. */
export const imagesDir = process.env['BHATTI_TEST_IMAGES'] ?? '/var/lib/bhatti/images';

/** Why tests with real sandboxes cannot run here; undefined when they can. Looked at once. */
export function whyNoSandboxes(image = 'minimal'): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(executable)) return `needs the executable at ${executable}: npm run build`;
  if (!existsSync(join(imagesDir, image, 'image.json'))) return `needs the image ${image}: bun scripts/images.ts`;
  return Bun.which('runc') === null ? 'needs runc' : undefined;
}

/** The title of a suite that may be skipped: it says why. */
export function titled(what: string, why: string | undefined): string {
  return why === undefined ? what : `${what} (skipped: ${why})`;
}
