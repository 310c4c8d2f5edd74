import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import { parseEnvironment, parseLabels, parseNumber, shellQuote, splitCommandLine } from './arguments.ts';

describe('a command line', () => {
  test('moves global options that stand before the command behind it', () => {
    expect(splitCommandLine(['--json', '--url', 'http://x', 'list', '-o', 'wide'])).toEqual({
      name: 'list',
      rest: ['--json', '--url', 'http://x', '-o', 'wide'],
    });
    expect(splitCommandLine(['exec', 'desk', '--', 'ls', '--json'])).toEqual({
      name: 'exec',
      rest: ['desk', '--', 'ls', '--json'],
    });
    expect(splitCommandLine([])).toEqual({ name: undefined, rest: [] });
    expect(splitCommandLine(['--version'])).toEqual({ name: undefined, rest: ['--version'] });
  });
});

describe('--env', () => {
  test('takes the form of the page: one word, cut at commas', () => {
    expect(parseEnvironment(['DISPLAY_WIDTH=1920,DISPLAY_HEIGHT=1080,KASM_FRAMERATE=30'])).toEqual({
      DISPLAY_WIDTH: '1920',
      DISPLAY_HEIGHT: '1080',
      KASM_FRAMERATE: '30',
    });
  });

  test('may be repeated, and a value may hold "=" and commas that start no variable', () => {
    expect(parseEnvironment(['A=1,2,3', 'B=x=y', 'EMPTY='])).toEqual({ A: '1,2,3', B: 'x=y', EMPTY: '' });
  });

  test('refuses a word without "=" and one without a name', () => {
    expect(codeOf(() => parseEnvironment(['A']))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => parseEnvironment(['=1']))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => parseLabels(['team']))).toBe('INVALID_ARGUMENT');
  });
});

describe('a number', () => {
  test('may have a fraction; words and nothing are refused', () => {
    expect(parseNumber('--cpus')('0.5')).toBe(0.5);
    for (const text of ['banana', '', ' ', '1e999', '4g'])
      expect(codeOf(() => parseNumber('--memory')(text))).toBe('INVALID_ARGUMENT');
  });
});

test('a quoted word is what a shell needs typed', () => {
  expect(['ls', '-la', 'a b', "it's", '$HOME', ''].map(shellQuote)).toEqual([
    'ls',
    '-la',
    "'a b'",
    `'it'\\''s'`,
    "'$HOME'",
    "''",
  ]);
});

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return hasCode(error, 'INVALID_ARGUMENT') ? error.code : String(error);
  }
}
