import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatEnvironmentFile, parseEnvironmentFile } from './environment-file.ts';

describe('an environment file', () => {
  test('has comments, bare, single and double quoted values', () => {
    expect(
      parseEnvironmentFile(
        '# c\n; c\n\nA=one two  \n B = x\nC=\'a "b" $c \\n\'\nD="a \\"b\\" \\$c \\n"\nE=\nF=a\\\nb\nG="x\ny"\nnonsense\n1X=y\n',
      ),
    ).toEqual({ A: 'one two', C: 'a "b" $c \\n', D: 'a "b" $c \\n', E: '', F: 'ab', G: 'x\ny' });
  });

  test('lets later lines win', () => {
    expect(parseEnvironmentFile('A=1\nA=2')).toEqual({ A: '2' });
  });

  test('gives back every value that was written', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
    const value = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (variables) => {
        expect(parseEnvironmentFile(formatEnvironmentFile(variables))).toEqual(variables);
      }),
    );
  });

  test('of any text is read without harm', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', ' ', '#') }),
        (text) => void parseEnvironmentFile(text),
      ),
    );
  });
});
