import fc from 'fast-check';
import { describe, expect, test } from 'bun:test';
import { parseNativeDatagram } from './native-datagram.ts';
import { parseSyslogDatagram } from './syslog-datagram.ts';

const fields = (text: string | Uint8Array) => Object.fromEntries(parseSyslogDatagram(Buffer.from(text)));

describe('a datagram of /dev/log', () => {
  // What journald 252 makes of the same bytes.
  test('is read as journald reads it', () => {
    const cases: [string, Record<string, string>][] = [
      [
        '<13>Nov 27 16:31:07 tag[42]: normal',
        {
          PRIORITY: '5',
          SYSLOG_FACILITY: '1',
          SYSLOG_TIMESTAMP: 'Nov 27 16:31:07 ',
          SYSLOG_IDENTIFIER: 'tag',
          SYSLOG_PID: '42',
          MESSAGE: 'normal',
        },
      ],
      ['no pri at all', { PRIORITY: '6', SYSLOG_FACILITY: '1', MESSAGE: 'no pri at all' }],
      ['<13>tag: short', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 'tag', MESSAGE: 'short' }],
      ['<13>tag:nospace', { PRIORITY: '5', SYSLOG_FACILITY: '1', MESSAGE: 'tag:nospace' }],
      ['<192>toobig: x', { PRIORITY: '0', SYSLOG_FACILITY: '24', SYSLOG_IDENTIFIER: 'toobig', MESSAGE: 'x' }],
      ['<1234>four: x', { PRIORITY: '6', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: '<1234>four', MESSAGE: 'x' }],
      ['<>empty: x', { PRIORITY: '6', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: '<>empty', MESSAGE: 'x' }],
      ['<13>', { PRIORITY: '5', SYSLOG_FACILITY: '1', MESSAGE: '' }],
      ['', { PRIORITY: '6', SYSLOG_FACILITY: '1', MESSAGE: '' }],
      [
        '<13>tag[42]: trailing ws  \n\n',
        { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 'tag', SYSLOG_PID: '42', MESSAGE: 'trailing ws' },
      ],
      ['<13>  lead: x', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 'lead', MESSAGE: 'x' }],
      ['<13>tag[]: none', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 'tag', MESSAGE: 'none' }],
      [
        '<13>/usr/bin/x: path',
        { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: '/usr/bin/x', MESSAGE: 'path' },
      ],
      ['<13>a b: two words', { PRIORITY: '5', SYSLOG_FACILITY: '1', MESSAGE: 'a b: two words' }],
      [
        '<13>Nov  7 16:31:07 t: one digit day',
        {
          PRIORITY: '5',
          SYSLOG_FACILITY: '1',
          SYSLOG_TIMESTAMP: 'Nov  7 16:31:07 ',
          SYSLOG_IDENTIFIER: 't',
          MESSAGE: 'one digit day',
        },
      ],
      ['<13>t: multi\nline', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 't', MESSAGE: 'multi\nline' }],
      ['<13>t: nul\0after', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 't', MESSAGE: 'nul' }],
      ['<3>facility kern: x', { PRIORITY: '3', MESSAGE: 'facility kern: x' }],
      ['<13>t:  two spaces', { PRIORITY: '5', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 't', MESSAGE: ' two spaces' }],
      ['<13>t[5] nocolon', { PRIORITY: '5', SYSLOG_FACILITY: '1', MESSAGE: 't[5] nocolon' }],
    ];
    for (const [text, expected] of cases) expect([text, fields(text)]).toEqual([text, expected]);
  });

  test('may be of RFC 5424', () => {
    expect(
      fields('<165>1 2026-11-27T16:31:07.123456+00:00 host app 77 ID47 [ex@1 a="b\\"]"][x@2] \ufeffrfc5424 message'),
    ).toEqual({
      PRIORITY: '5',
      SYSLOG_FACILITY: '20',
      SYSLOG_TIMESTAMP: '2026-11-27T16:31:07.123456+00:00',
      SYSLOG_IDENTIFIER: 'app',
      SYSLOG_PID: '77',
      SYSLOG_MSGID: 'ID47',
      SYSLOG_STRUCTURED_DATA: '[ex@1 a="b\\"]"][x@2]',
      MESSAGE: 'rfc5424 message',
    });
    expect(fields('<13>1 - - - - - - only a message')).toEqual({
      PRIORITY: '5',
      SYSLOG_FACILITY: '1',
      MESSAGE: 'only a message',
    });
  });

  test('keeps bytes that are no text', () => {
    const [identifier, message] = parseSyslogDatagram(Buffer.from('<13>t: bin\xff\x01', 'latin1')).slice(-2);
    expect([identifier, message]).toEqual([
      ['SYSLOG_IDENTIFIER', 't'],
      ['MESSAGE', new Uint8Array(Buffer.from('bin\xff\x01', 'latin1'))],
    ]);
  });

  test('may be anything: it is a message all the same, no longer than it was', () => {
    const head = fc.constantFrom('', '<13>', '<13>1 - - - - - ', '<13>1 - h a 1 - [', '<13>Nov 27 16:31:07 ', '<13>t[');
    fc.assert(
      fc.property(head, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        const bytes = Buffer.concat([Buffer.from(start), rest]);
        const parsed = parseSyslogDatagram(bytes);
        expect(parsed.filter(([name]) => name === 'MESSAGE').length).toBe(1);
        const total = parsed.slice(1).reduce((sum, [, value]) => sum + Buffer.from(value).length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length + 2);
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes no longer than its length where it is made to', () => {
    for (const text of [
      '<13>1 - - - - - ['.padEnd(200_000, '"'),
      '<13>'.padEnd(200_000, '[a'),
      '<13>1 '.padEnd(200_000, '-'),
    ])
      expect(parseSyslogDatagram(Buffer.from(text)).length).toBeGreaterThan(1);
  });
});

describe('a datagram of the journal’s own socket', () => {
  const native = (...parts: (string | number)[]) =>
    parseNativeDatagram(
      Buffer.concat(
        parts.map((part) => {
          if (typeof part === 'string') return Buffer.from(part);
          const length = Buffer.alloc(8);
          length.writeBigUInt64LE(BigInt(part));
          return length;
        }),
      ),
    );

  test('is read as journald reads it', () => {
    expect(native('MESSAGE=native one\nPRIORITY=4\nFOO=bar\n')).toEqual([
      [
        ['MESSAGE', 'native one'],
        ['PRIORITY', '4'],
        ['FOO', 'bar'],
      ],
    ]);
    expect(native('MESSAGE\n', 9, 'two\nlines\nX=1\n')).toEqual([
      [
        ['MESSAGE', 'two\nlines'],
        ['X', '1'],
      ],
    ]);
    expect(native('MESSAGE=nonl')).toEqual([[['MESSAGE', 'nonl']]]);
    expect(native('MESSAGE=a\n\nMESSAGE=b\n')).toEqual([[['MESSAGE', 'a']], [['MESSAGE', 'b']]]);
    expect(native('lower=x\n_PID=1\n9X=1\nA B=1\n=x\n', `${'X'.repeat(65)}=1\n`, 'MESSAGE=left\n')).toEqual([
      [['MESSAGE', 'left']],
    ]);
    expect(native('MESSAGE=# next\n# comment\n.dot\nY=1\n')).toEqual([
      [
        ['MESSAGE', '# next'],
        ['Y', '1'],
      ],
    ]);
    expect(native('MESSAGE=trail   \nZ=\n')).toEqual([
      [
        ['MESSAGE', 'trail   '],
        ['Z', ''],
      ],
    ]);
  });

  test('is nothing where a length is not what it says', () => {
    expect(native('MESSAGE\n', 9_999, 'short\n')).toEqual([]);
    expect(native('MESSAGE=first\n\nMESSAGE\n', 3, 'long\n')).toEqual([]);
    expect(native('garbage')).toEqual([]);
    expect(native('MESSAGE\nabc')).toEqual([]);
    expect(native('')).toEqual([]);
  });

  test('may be anything: no more than it holds comes of it', () => {
    const piece = fc.oneof(
      fc.constantFrom('MESSAGE', 'A=', '=', '\n', '\n\n', '#', 'X\n'),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((length) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(length);
        return bytes.toString('latin1');
      }),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        const total = parseNativeDatagram(bytes)
          .flat()
          .reduce((sum, [name, value]) => sum + name.length + Buffer.from(value).length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('has no more fields than journald takes', () => {
    expect(native('A=1\n'.repeat(5_000))[0]?.length).toBe(1_024);
  });
});
