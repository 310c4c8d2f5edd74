import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderCliDocument } from '../../scripts/cli-document.ts';

test('docs/cli.md is what the commands say about themselves', async () => {
  const document = readFileSync(join(import.meta.dir, '..', '..', 'docs', 'cli.md'), 'utf8');
  expect(document).toBe(await renderCliDocument());
});
