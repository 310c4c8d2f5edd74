import { hasCode } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';

import { accessOf } from './access.ts';
import { scopes } from './scope.ts';

const given = (allow: readonly string[] | undefined, sandboxes?: readonly string[]) => accessOf({ allow, sandboxes });

const codeOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (hasCode(error, 'INVALID_ARGUMENT')) return error.code;
    throw error;
  }
  return 'nothing was refused';
};

describe('access', () => {
  test('without a word everything is allowed, to what was made through the server', () => {
    expect(given(undefined)).toEqual({ scopes: new Set(scopes), reach: { kind: 'own' } });
  });

  test('named sandboxes are not managed unless that is allowed', () => {
    expect(given(undefined, ['desk'])).toEqual({
      scopes: new Set(['see', 'act', 'exec', 'files', 'publish']),
      reach: { kind: 'named', names: ['desk'] },
    });
    expect([...given(['manage'], ['desk', 'box']).scopes]).toEqual(['manage']);
  });

  test('what is allowed in words is allowed everywhere', () => {
    expect(given(['see, act', 'exec'])).toEqual({ scopes: new Set(['see', 'act', 'exec']), reach: { kind: 'all' } });
  });

  test('refuses what is not exactly a list of scopes', () => {
    for (const words of ['', ' ', ',', 'see,', ',see', 'see,,act', 'sea', 'SEE', 'see act', 'all', '*', 'constructor'])
      expect([words, codeOf(() => given([words]))]).toEqual([words, 'INVALID_ARGUMENT']);
    expect(codeOf(() => given(['see', '']))).toBe('INVALID_ARGUMENT');
  });

  test('refuses what names no sandbox', () => {
    for (const name of ['', 'a,b', '../x', '*', ' desk', 'desk/exec', 'x'.repeat(64)])
      expect([name, codeOf(() => given(undefined, [name]))]).toEqual([name, 'INVALID_ARGUMENT']);
  });
});
