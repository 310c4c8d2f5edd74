import { expect, test } from 'bun:test';
import { parseJournalArguments } from './arguments.ts';

const parse = (...args: string[]) => {
  const { words, options } = parseJournalArguments(args);
  return [words, Object.fromEntries(options)];
};

test('options are read as getopt_long(3) reads them for journalctl', () => {
  const lines: [string[], string[], Record<string, string[]>][] = [
    [['-xeu', 'ssh'], [], { catalog: [''], 'pager-end': [''], unit: ['ssh'] }],
    [['-u', 'a', '-ub', '--unit=c', '--unit', 'd'], [], { unit: ['a', 'b', 'c', 'd'] }],
    [['-n'], [], { lines: [''] }],
    [['-n', '5'], [], { lines: ['5'] }],
    [['-n5', '-n', 'all', '--lines=+7', '--lines', '8'], [], { lines: ['5', 'all', '+7', '8'] }],
    [['-n', 'x'], ['x'], { lines: [''] }],
    [['-b', '-1', '-n', '3'], [], { boot: ['-1'], lines: ['3'] }],
    [['-b', '-u', 'a'], [], { boot: [''], unit: ['a'] }],
    [['-b', 'all', '-b-2', '-b', 'FOO=1'], ['FOO=1'], { boot: ['all', '-2', ''] }],
    [['A=1', '+', '-q', 'B=2'], ['A=1', '+', 'B=2'], { quiet: [''] }],
    [['--no-p', '--follow', '--rev'], [], { 'no-pager': [''], follow: [''], reverse: [''] }],
    [['--', '-f'], ['-f'], {}],
  ];
  for (const [args, words, options] of lines) expect([args, parse(...args)]).toEqual([args, [words, options]]);
});

test('what getopt_long(3) refuses is refused in its words', () => {
  const refusals: [string[], string][] = [
    [['--foo'], "unrecognized option '--foo'"],
    [['--quiet=1'], "option '--quiet' doesn't allow an argument"],
    [['--output'], "option '--output' requires an argument"],
    [['--no'], "option '--no' is ambiguous; possibilities: '--no-hostname' '--no-full' '--no-tail' '--no-pager'"],
    [['-fZ'], "invalid option -- 'Z'"],
    [['-n', '-1'], "invalid option -- '1'"],
    [['-F'], "option requires an argument -- 'F'"],
  ];
  for (const [args, message] of refusals) expect(() => parse(...args)).toThrow(message);
});
