import { expect, test } from 'bun:test';
import { parseArguments } from './arguments.ts';

const shorts = { n: 'lines', u: 'unit', x: 'catalog', e: 'pager-end', q: 'quiet' };
const takesValue = new Set(['lines', 'unit']);

test('options stand anywhere, take their values in every form, and end at --', () => {
  const args = ['-n', '5', 'a', '--no-pager', '-xeu', 'ssh', '-ucron', '--unit=nginx', '--', '-b'];
  expect(parseArguments(args, shorts, takesValue)).toEqual({
    words: ['a', '-b'],
    options: { lines: '5', 'no-pager': '', catalog: '', 'pager-end': '', unit: 'ssh,cron,nginx' },
  });
  expect(parseArguments(['-qn3'], shorts, takesValue).options).toEqual({ quiet: '', lines: '3' });
});
