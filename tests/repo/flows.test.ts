import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '..', '..');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** The numbered `path#symbol` lines below one heading. */
function flow(heading: string): { path: string; symbol: string }[] {
  const section = architecture.split(/^### /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\d+\. `([^#`]+)#([^`]+)`/gm)].map(([, path = '', symbol = '']) => ({ path, symbol }));
}

describe('the code map in ARCHITECTURE.md', () => {
  for (const heading of ['create', 'exec', 'pixel', 'publish', 'action']) {
    test(`the flow "${heading}" has stations`, () => {
      expect(flow(heading).length).toBeGreaterThanOrEqual(5);
    });

    test(`every station of the flow "${heading}" exists`, () => {
      const gone = flow(heading).filter(({ path, symbol }) => !exports(join(root, path), symbol));
      expect(gone).toEqual([]);
    });
  }
});

function exports(file: string, symbol: string): boolean {
  if (!existsSync(file)) return false;
  const declared = new RegExp(`^export (async )?(function\\*?|const|class|interface|type) ${symbol}\\b`, 'm');
  return declared.test(readFileSync(file, 'utf8'));
}
