import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ERROR_SPECS } from '@bhatti/base/errors.ts';

import { renderErrorsDocument } from '../../scripts/errors-document.ts';

describe('the error table', () => {
  test('docs/errors.md is what it generates', () => {
    const document = readFileSync(join(import.meta.dir, '..', '..', 'docs', 'errors.md'), 'utf8');
    expect(document).toBe(renderErrorsDocument());
  });

  test('no code exits with 0 or 1, so that a script can tell ours from a child that failed', () => {
    const bad = Object.entries(ERROR_SPECS).filter(([, spec]) => spec.exit <= 1);
    expect(bad).toEqual([]);
  });

  test('every HTTP status is an error status', () => {
    const bad = Object.entries(ERROR_SPECS).filter(([, spec]) => spec.http < 400 || spec.http > 599);
    expect(bad).toEqual([]);
  });
});
