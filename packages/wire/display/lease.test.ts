import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { LeaseRequestSchema } from './lease.ts';

const accepted = (value: unknown) => v.safeParse(LeaseRequestSchema, value);

describe('what an agent asks of the lease', () => {
  test.each([
    ['an unknown word', { op: 'steal' }],
    ['a field too many', { op: 'return', now: true }],
    ['help without a message', { op: 'help' }],
    ['a message of 1001 characters', { op: 'help', message: 'x'.repeat(1001) }],
    ['a message of nothing but control characters', { op: 'help', message: '\u0000\u001b\n' }],
    ['no time', { op: 'hold', ms: 0 }],
    ['half a millisecond', { op: 'hold', ms: 0.5 }],
    ['more than an hour', { op: 'hold', ms: 3_600_001 }],
  ])('%s is refused', (_, value) => {
    expect(accepted(value).success).toBe(false);
  });

  test.each([
    ['control characters go', 'a\u001b[31mb\u0007\u009bc', 'a[31mbc'],
    ['line breaks become spaces', ' one\r\ntwo\tthree ', 'one two three'],
    ['what turns the order of letters round goes', 'pay \u202eevil\u202c now\u2066', 'pay evil now'],
    ['joined emoji and every script stay', '👩‍💻 你好 שלום', '👩‍💻 你好 שלום'],
    ['half a character is replaced', 'a\ud83db', 'a\ufffdb'],
  ])('%s', (_, message, shown) => {
    expect(accepted({ op: 'help', message }).output).toEqual({ op: 'help', message: shown });
  });
});
