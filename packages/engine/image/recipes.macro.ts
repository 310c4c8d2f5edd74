import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { RecipeFile } from './recipe.ts';

const imagesDir = join(import.meta.dirname, '..', '..', '..', 'images');

/**
 * The recipes in images/ as JSON of a RecipeSource. Imported as a macro: the bundler calls it and puts its result into the executable, and so does the runtime when
 * the program runs from source, so both carry the recipes that they were made with.
 */
export function readRecipes(): string {
  const files = readdirSync(imagesDir, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .flatMap(({ entry, path }): RecipeFile[] => {
      const name = relative(imagesDir, path);
      if (entry.isSymbolicLink()) return [{ path: name, kind: 'link', target: readlinkSync(path) }];
      if (!entry.isFile()) return [];
      const isExecutable = (statSync(path).mode & 0o111) !== 0;
      return [{ path: name, kind: 'file', isExecutable, base64: readFileSync(path).toString('base64') }];
    });
  return JSON.stringify(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}
