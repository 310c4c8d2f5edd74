import { describe, expect, test } from 'bun:test';
import { expandArguments, parseCommandLines } from './command-line.ts';
import { parseUnitName } from './unit-name.ts';

const unit = parseUnitName('a-b@in-st.service');
if (unit === undefined) throw new Error('the name is valid');
const parse = (value: string) => parseCommandLines(value, unit);

describe('a command line', () => {
  test('is a program with arguments, prefixes and specifiers', () => {
    expect(parse('-+/bin/echo %n "%i x" 100%%')).toEqual([
      {
        path: '/bin/echo',
        argv: ['/bin/echo', 'a-b@in-st.service', 'in-st x', '100%'],
        ignoreFailure: true,
        noExpansion: false,
        fullPrivileges: true,
      },
    ]);
    expect(parse('@/bin/sh -sh')[0]).toMatchObject({ path: '/bin/sh', argv: ['-sh'] });
  });

  test('is several when a bare semicolon stands between them', () => {
    expect(parse(String.raw`/bin/a x ; /bin/b \; y ";"`).map(({ argv }) => argv)).toEqual([
      ['/bin/a', 'x'],
      ['/bin/b', ';', 'y', ';'],
    ]);
  });

  test('is refused with a relative path, a directory, an unknown specifier, an open quote', () => {
    for (const value of ['./a', 'bin/a', '/bin/', '-', '/bin/a %Q', '/bin/a "x'])
      expect(() => parse(value)).toThrow(SyntaxError);
    expect(parse('sleep 1')[0]?.path).toBe('sleep');
  });

  test('has variables put in: whole words split, others kept in one piece', () => {
    const env = { ONE: 'one', LIST: `a "b c" d`, EMPTY: '' };
    const expand = (value: string) => {
      const [command] = parse(value);
      if (command === undefined) throw new Error('no command');
      return expandArguments(command, env).slice(1);
    };
    expect(expand('/x $LIST ${LIST} $EMPTY ${EMPTY} $NONE x${ONE}y $$ONE $${ONE} x$ONE')).toEqual([
      'a',
      'b c',
      'd',
      `a "b c" d`,
      '',
      'xoney',
      '$ONE',
      '${ONE}',
      'x$ONE',
    ]);
    // What a shell would understand of it is not understood here.
    expect(expand('/x ${NONE:-other} ${ONE:+set}')).toEqual(['${NONE:-other}', '${ONE:+set}']);
    expect(expand(':/x $ONE ${ONE} $$')).toEqual(['$ONE', '${ONE}', '$$']);
  });

  test('never takes its program from a variable', () => {
    const [command] = parse('/x/$ONE a');
    if (command === undefined) throw new Error('no command');
    expect(expandArguments(command, { ONE: 'evil' })[0]).toBe('/x/$ONE');
  });
});
