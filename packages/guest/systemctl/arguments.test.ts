import { expect, test } from 'bun:test';
import { parseArguments } from './arguments.ts';

test('options stand anywhere, take their values in every form, and end at --', () => {
  expect(
    parseArguments(['status', '-n', '5', 'a', '--no-pager', '-pId', '-p', 'Names', '--property=X', '--', '-b']),
  ).toEqual({
    words: ['status', 'a', '-b'],
    options: { lines: '5', 'no-pager': '', property: 'Id,Names,X' },
  });
  expect(parseArguments(['kill', '-s', 'HUP', '--signal', 'INT', '-qa', 'x'])).toEqual({
    words: ['kill', 'x'],
    options: { signal: 'HUP,INT', quiet: '', all: '' },
  });
  expect(parseArguments(['show', '-P', 'Id', 'x']).options).toEqual({ 'property-value': 'Id' });
});
