import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseUnitText } from './syntax.ts';

const parse = (text: string) => parseUnitText(text, '/x.service');
const values = (text: string) => parse(text).assignments.map(({ key, value }) => `${key}=${value}`);

describe('a unit file', () => {
  test('has sections, keys and values without the space around them', () => {
    expect(parse('[Unit]\n  Description = A thing \n[Service]\nExecStart=/bin/true\n').assignments).toEqual([
      { section: 'Unit', key: 'Description', value: 'A thing', path: '/x.service', line: 2 },
      { section: 'Service', key: 'ExecStart', value: '/bin/true', path: '/x.service', line: 4 },
    ]);
  });

  test('joins lines that end with a backslash, over comments too, and counts the first', () => {
    const { assignments } = parse('[S]\nA=one \\\n# not this\n; nor this\n  two\\\nthree\nB=x\n');
    expect(assignments.map(({ key, value, line }) => [key, value, line])).toEqual([
      ['A', 'one    two three', 2],
      ['B', 'x', 7],
    ]);
  });

  test('leaves an escaped backslash at the end alone', () => {
    expect(values('[S]\nA=x\\\\\nB=y')).toEqual(['A=x\\\\', 'B=y']);
  });

  test('keeps equals signs and comment signs inside values', () => {
    expect(values('[S]\nA=b=c # d\n')).toEqual(['A=b=c # d']);
  });

  test('names file and line of what is wrong and goes on', () => {
    const { assignments, warnings } = parse('A=early\nnothing\n[S]\n=x\nB=ok\n');
    expect(warnings).toEqual([
      '/x.service:1: Assignment outside of section. Ignoring.',
      "/x.service:2: Missing '=', ignoring line.",
      "/x.service:4: Missing key name before '=', ignoring line.",
    ]);
    expect(assignments.map(({ key }) => key)).toEqual(['B']);
  });

  test('ends where it makes no sense any more', () => {
    const failed = (text: string) => parse(`[S]\nA=1\n${text}\nB=2\n`);
    expect(failed('[S')).toMatchObject({
      failure: 'Bad message',
      warnings: ["/x.service:3: Invalid section header '[S'"],
      assignments: [{ key: 'A' }],
    });
    expect(failed(Buffer.from([0x58, 0x3d, 0xff]).toString()).failure).toBe('Invalid argument');
    expect(failed(`X=${'x'.repeat(1024 * 1024)}`).failure).toBe('No buffer space available');
    expect(failed(`#${'x'.repeat(1024 * 1024)}`).failure).toBe('No buffer space available');
    expect(failed('X=\\\n'.repeat(600_000)).failure).toBe('No buffer space available');
  });

  test('has lines that a NUL ends, and lines that end as on Windows', () => {
    expect(values('[S]\nA=1\0B=2\r\nC=3 \\\r\n4\r\n')).toEqual(['A=1', 'B=2', 'C=3  4']);
  });

  test('of any text is read without harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('[', ']', '=', '\\', '\n', '#', 'a', ' ') }), (text) => {
        expect(parse(text).assignments.every(({ key }) => key.trim() === key && key !== '')).toBe(true);
      }),
    );
  });
});
