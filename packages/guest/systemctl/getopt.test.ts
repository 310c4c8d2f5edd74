import { expect, test } from 'bun:test';
import { getopt, UsageError, type OptionTable } from './getopt.ts';
import { SYSTEMCTL_OPTIONS } from './option-table.ts';

const table: OptionTable = {
  longs: { lines: 'value', pager: 'flag', 'no-pager': 'flag', 'no-block': 'flag', property: 'value', pid: 'optional' },
  shorts: { n: 'lines', p: 'property', q: 'pager' },
};
const parse = (args: readonly string[], where?: 'leading') => {
  const { words, options } = getopt('x', args, table, where);
  return { words, options: Object.fromEntries(options) };
};
const refusal = (...args: string[]) => {
  try {
    parse(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return undefined;
};

test('options stand anywhere, take their values in every form, and end at --', () => {
  expect(parse(['status', '-n', '5', 'a', '--no-pager', '-pId', '-p', 'N', '--property=X', '--', '-b'])).toEqual({
    words: ['status', 'a', '-b'],
    options: { lines: ['5'], 'no-pager': [''], property: ['Id', 'N', 'X'] },
  });
  expect(parse(['-qn3', '--prop', 'Y', '--pid', '--pid=4']).options).toEqual({
    pager: [''],
    lines: ['3'],
    property: ['Y'],
    pid: ['', '4'],
  });
});

test('a command line that follows keeps its own options', () => {
  expect(parse(['-q', 'ls', '-l', '--', 'x'], 'leading').words).toEqual(['ls', '-l', '--', 'x']);
  expect(parse(['--', '-l'], 'leading').words).toEqual(['-l']);
});

test('what is not understood is said as getopt says it', () => {
  expect(refusal('--foo')).toBe("x: unrecognized option '--foo'");
  expect(refusal('-Z')).toBe("x: invalid option -- 'Z'");
  expect(refusal('-p')).toBe("x: option requires an argument -- 'p'");
  expect(refusal('--lines')).toBe("x: option '--lines' requires an argument");
  expect(refusal('--pager=1')).toBe("x: option '--pager' doesn't allow an argument");
  expect(refusal('--no-')).toBe("x: option '--no-' is ambiguous; possibilities: '--no-pager' '--no-block'");
  expect(refusal('--constructor')).toBe("x: unrecognized option '--constructor'");
});

test('every short option of systemctl stands for a long one', () => {
  for (const long of Object.values(SYSTEMCTL_OPTIONS.shorts)) expect(SYSTEMCTL_OPTIONS.longs).toHaveProperty(long);
});
