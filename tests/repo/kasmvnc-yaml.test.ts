import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { yamlDocument } from '../../scripts/yaml-document.ts';

test('docs/kasmvnc-yaml.md is what the table of options generates', () => {
  const written = readFileSync(join(import.meta.dir, '..', '..', 'docs', 'kasmvnc-yaml.md'), 'utf8');
  expect(written).toBe(yamlDocument());
});
