import { describe, expect, test } from 'bun:test';
import { formatCursor, parseCursor } from './cursor.ts';
import { textOf, type FieldValue, type JournalEntry, type Speaker } from './entry.ts';
import { openFormat, OUTPUTS, type FormatOptions } from './format.ts';

const boot = 'a'.repeat(32);
const speaker: Speaker = {
  source: 'kasmvnc.service/main',
  unit: 'kasmvnc.service',
  transport: 'stdout',
  pid: 123,
  uid: 0,
  gid: 0,
  comm: 'Xkasmvnc',
  identifier: 'kasmvnc',
  facility: 3,
  invocation: 'd'.repeat(32),
};
const entry = (message: FieldValue | undefined, more: Partial<JournalEntry> = {}): JournalEntry => ({
  timeUs: 1_764_261_067_123_456,
  monotonicUs: 5_000_000,
  speaker,
  priority: 6,
  message,
  fields: [],
  inode: 7,
  offset: 9,
  ...more,
});
const options: FormatOptions = {
  output: 'short',
  isUtc: true,
  isAll: false,
  hasHostname: true,
  wanted: undefined,
  context: { hostname: 'desk', machineId: 'c'.repeat(32), bootAt: () => boot },
};
const show = (one: JournalEntry, more: Partial<FormatOptions> = {}) =>
  textOf(openFormat({ ...options, ...more })(one) ?? '(nothing)');
const indent = ' '.repeat('Nov 27 16:31:07 desk kasmvnc[123]: '.length);
const line = (text: string) => `Nov 27 16:31:07 desk kasmvnc[123]: ${text}\n`;

// All of it is what journalctl 252 prints of the same entries.
describe('an entry as one line', () => {
  test('shows its message so that a terminal can be given it', () => {
    const messages: [FieldValue, string][] = [
      ['hello', 'hello'],
      ['', ''],
      ['   leading and trailing   ', '   leading and trailing   '],
      ['multi\nline\n\nlast', `multi\n${indent}line\n${indent}\n${indent}last`],
      ['trailing newline\n', 'trailing newline'],
      ['a\n\n', `a\n${indent}`],
      ['a\r\n', 'a'],
      ['cr at end\r', 'cr at end'],
      ['cr\rmid', '[6B blob data]'],
      ['nul\0in', '[6B blob data]'],
      ['tab\there', 'tab        here'],
      ['bin\u0001ary\u001b[31mred', '[10B blob data]'],
      ['ansi \u001b[1;31mred\u001b[0m ok', 'ansi red ok'],
      ['osc \u001b]0;title\u0007 x', 'osc  x'],
      ['esc \u001bc x', '[8B blob data]'],
      ['a\u001b[31', '[5B blob data]'],
      ['del\u007f c1\u0085x', '[10B blob data]'],
      ['ünï→ \u2028 \u200b', 'ünï→ \u2028 \u200b'],
      [Buffer.from('bad\xff\xfeutf', 'latin1'), '[8B blob data]'],
    ];
    for (const [message, text] of messages) expect([message, show(entry(message))]).toEqual([message, line(text)]);
    expect(show(entry(undefined))).toBe('(nothing)');
  });

  test('shows all of it where that is asked for', () => {
    expect(show(entry('bin\u0001\u001b[31mred\ttab'), { isAll: true })).toBe(line('bin\u0001\u001b[31mred\ttab'));
    const bytes = openFormat({ ...options, isAll: true })(entry(Buffer.from('a\xff\nb', 'latin1')));
    expect(Buffer.from(bytes ?? '').toString('latin1')).toBe(line(`a\xff\n${indent}b`));
  });

  test('names who speaks, as far as that is known', () => {
    const names: [Partial<Speaker>, string][] = [
      [{ pid: undefined }, 'kasmvnc'],
      [{ identifier: undefined }, 'Xkasmvnc[123]'],
      [{ identifier: undefined, comm: undefined }, 'unknown[123]'],
      [{ identifier: 'i\u0001d' }, 'unknown[123]'],
    ];
    for (const [more, name] of names)
      expect(show(entry('x', { speaker: { ...speaker, ...more } }))).toBe(`Nov 27 16:31:07 desk ${name}: x\n`);
    const byTag = entry('x', { speaker: { ...speaker, pid: undefined }, fields: [['SYSLOG_PID', '77']] });
    expect(show(byTag)).toBe('Nov 27 16:31:07 desk kasmvnc[77]: x\n');
  });

  test('has its time in many forms', () => {
    const forms: [FormatOptions['output'], string][] = [
      ['short-full', 'Thu 2025-11-27 16:31:07 UTC desk kasmvnc[123]: x\n'],
      ['short-iso', '2025-11-27T16:31:07+0000 desk kasmvnc[123]: x\n'],
      ['short-iso-precise', '2025-11-27T16:31:07.123456+0000 desk kasmvnc[123]: x\n'],
      ['short-precise', 'Nov 27 16:31:07.123456 desk kasmvnc[123]: x\n'],
      ['short-monotonic', '[    5.000000] desk kasmvnc[123]: x\n'],
      ['short-delta', '[    5.000000                ] desk kasmvnc[123]: x\n'],
      ['short-unix', '1764261067.123456 desk kasmvnc[123]: x\n'],
      ['with-unit', 'Thu 2025-11-27 16:31:07 UTC desk kasmvnc.service[123]: x\n'],
      ['cat', 'x\n'],
    ];
    for (const [output, text] of forms) expect(show(entry('x'), { output })).toBe(text);
    expect(show(entry('x'), { hasHostname: false })).toBe('Nov 27 16:31:07 kasmvnc[123]: x\n');
    const delta = openFormat({
      ...options,
      output: 'short-delta',
      context: { ...options.context, bootAt: (timeUs) => String(timeUs) },
    });
    delta(entry('x', { timeUs: 1, monotonicUs: 14_800_000 }));
    expect(delta(entry('x', { timeUs: 2, monotonicUs: 25_000_000 }))).toStartWith('[   25.000000 <   10.200000*>] ');
    expect(delta(entry('x', { timeUs: 2, monotonicUs: 26_000_000 }))).toStartWith('[   26.000000 <    1.000000 >] ');
  });
});

describe('an entry with all its fields', () => {
  const cursor = formatCursor(entry('x'), boot);

  test('is verbose', () => {
    const fields: JournalEntry['fields'] = [
      ['T', 'tab\tx'],
      ['C', 'a\u007f'],
    ];
    expect(show(entry('Two lines\nof it', { fields }), { output: 'verbose' })).toBe(
      `Thu 2025-11-27 16:31:07.123456 UTC [${cursor}]
    _BOOT_ID=${boot}
    _MACHINE_ID=${'c'.repeat(32)}
    _HOSTNAME=desk
    PRIORITY=6
    SYSLOG_FACILITY=3
    SYSLOG_IDENTIFIER=kasmvnc
    _TRANSPORT=stdout
    _PID=123
    _UID=0
    _GID=0
    _COMM=Xkasmvnc
    _SYSTEMD_UNIT=kasmvnc.service
    _SYSTEMD_INVOCATION_ID=${'d'.repeat(32)}
    T=tab\tx
    C=[2B blob data]
    MESSAGE=Two lines
            of it
`,
    );
    const wanted = new Set(['MESSAGE']);
    expect(show(entry('n9'), { output: 'verbose', wanted })).toBe(
      `Thu 2025-11-27 16:31:07.123456 UTC [${cursor}]\n    MESSAGE=n9\n`,
    );
  });

  test('is exported, with lengths where it is no line of text', () => {
    const wanted = new Set(['MESSAGE', 'DUP']);
    const found = show(
      entry('a\nb', {
        fields: [
          ['DUP', '1'],
          ['DUP', '2'],
        ],
      }),
      { output: 'export', wanted },
    );
    expect(found).toBe(
      `__CURSOR=${cursor}\n__REALTIME_TIMESTAMP=1764261067123456\n__MONOTONIC_TIMESTAMP=5000000\n_BOOT_ID=${boot}\nDUP=1\nDUP=2\nMESSAGE\n\u0003\0\0\0\0\0\0\0a\nb\n\n`,
    );
  });

  test('is JSON: bytes as numbers, what is long as null, what is there twice as a list', () => {
    const wanted = new Set(['MESSAGE', 'DUP']);
    const json = (message: FieldValue, more: Partial<FormatOptions> = {}) =>
      JSON.parse(
        show(
          entry(message, {
            fields: [
              ['DUP', '1'],
              ['DUP', '2'],
            ],
          }),
          { output: 'json', wanted, ...more },
        ),
      );
    expect(json('Two lines\nof it')).toEqual({
      __CURSOR: cursor,
      __REALTIME_TIMESTAMP: '1764261067123456',
      __MONOTONIC_TIMESTAMP: '5000000',
      _BOOT_ID: boot,
      MESSAGE: 'Two lines\nof it',
      DUP: ['1', '2'],
    });
    expect(json('a\r').MESSAGE).toEqual([97, 13]);
    expect(json(Uint8Array.of(255, 1)).MESSAGE).toEqual([255, 1]);
    expect(json('z'.repeat(5_000)).MESSAGE).toBeNull();
    expect(json('z'.repeat(5_000), { isAll: true }).MESSAGE.length).toBe(5_000);
    expect(show(entry('x'), { output: 'json-sse', wanted })).toMatch(/^data: \{.*\}\n\n$/);
    expect(show(entry('x'), { output: 'json-seq', wanted }).codePointAt(0)).toBe(0x1e);
    const twice = entry('x', {
      fields: [
        ['DUP', '1'],
        ['DUP', '2'],
      ],
    });
    expect(show(twice, { output: 'json-pretty', wanted })).toEndWith(
      '\t"DUP" : [\n\t\t"1",\n\t\t"2"\n\t],\n\t"MESSAGE" : "x"\n}\n',
    );
  });

  test('has a cursor by which it is found again', () => {
    expect(parseCursor(cursor)).toEqual({ timeUs: 1_764_261_067_123_456, source: 'kasmvnc.service/main', offset: 9 });
    for (const text of ['', 'x', 's=1;i=2', 's=zz;i=0;t=0', `${cursor};`.slice(2)])
      expect(parseCursor(text)).toBeUndefined();
  });
});

test('all formats of journalctl are offered', () => {
  expect([...OUTPUTS]).toEqual([
    'short',
    'short-full',
    'short-iso',
    'short-iso-precise',
    'short-precise',
    'short-monotonic',
    'short-delta',
    'short-unix',
    'verbose',
    'export',
    'json',
    'json-pretty',
    'json-sse',
    'json-seq',
    'cat',
    'with-unit',
  ]);
});
