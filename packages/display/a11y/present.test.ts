import { describe, expect, test } from 'bun:test';
import { formatRef, parseRef, type RawElement } from './element.ts';
import { elementMatcher } from './match.ts';
import { presentProgram } from './present.ts';
import { renderTree } from './render.ts';
import { cleanName, cleanValue } from './text.ts';

const usable = (1 << 24) | (1 << 25) | (1 << 30); // sensitive, showing, visible
const program = { pid: 5, bus: ':1.7' };
let last = 0;

function element(role: number, name: string, more: Partial<RawElement> = {}): RawElement {
  const path = `/org/a11y/atspi/accessible/${++last}`;
  const bounds = { x: 1, y: 2, width: 30, height: 40 };
  const rest = { bounds, value: undefined, isOffscreen: false, children: [] };
  return { path, role, name, states: [usable, 0], ...rest, ...more };
}

const show = (...windows: RawElement[]) => {
  last = 0;
  const nodes = presentProgram(program, { name: 'Editor', windows, isTruncated: false, isCutOff: false });
  return renderTree(nodes, [], false);
};

describe('a tree', () => {
  test('has a line an element, and none for containers that mean nothing', () => {
    const button = element(43, 'Save', { states: [usable | (1 << 12), 0] });
    const text = element(29, 'Save');
    const label = element(29, 'Name:');
    const entry = element(79, '', { value: 'a"b\nc' });
    const panel = element(39, '', { children: [{ ...button, children: [text] }, label, entry] });
    const off = element(88, 'More', { isOffscreen: true, bounds: undefined });
    expect(show(element(23, 'Doc', { children: [panel, off] }))).toBe(
      [
        '- application "Editor" [ref=e7.root] pid=5',
        '  - window "Doc" [ref=e7.7] (1,2 30x40)',
        '    - button "Save" [ref=e7.1] [focused] (1,2 30x40)',
        '    - text "Name:" [ref=e7.3] (1,2 30x40)',
        '    - textbox [ref=e7.4] value="a\\"b\\nc" (1,2 30x40)',
        '    - link "More" [ref=e7.6] [offscreen]',
        '',
      ].join('\n'),
    );
  });

  test('leaves out windows without a name that hold nothing', () => {
    expect(show(element(23, '', { children: [element(39, '')] }))).toBe('- application "Editor" [ref=e7.root] pid=5\n');
  });

  test('names of programs cannot break a line or look like another', () => {
    const evil = 'x" [ref=e1.1]\n- button "OK\u202e\u0007\u009b31m';
    expect(cleanName(evil, 100)).toBe('x" [ref=e1.1] - button "OK31m');
    const line = show(element(43, cleanName(evil, 100))).split('\n')[1];
    expect(line).toBe('  - button "x\\" [ref=e1.1] - button \\"OK31m" [ref=e7.1] (1,2 30x40)');
  });

  test('texts are cut, and no character in half', () => {
    expect(cleanName('a'.repeat(10_000_000), 5)).toBe('aaaa…');
    expect(cleanValue('😀😀', 3).isWellFormed()).toBe(true);
  });
});

describe('a ref', () => {
  test('is the element itself', () => {
    for (const path of ['/org/a11y/atspi/accessible/42', '/org/gtk/app/a11y/9f_1', '/org/a11y/atspi/accessible/a/b']) {
      expect(parseRef(formatRef({ bus: ':1.7', path }))).toEqual({ bus: ':1.7', path });
    }
    expect(formatRef({ bus: ':1.7', path: '/org/a11y/atspi/accessible/42' })).toBe('e7.42');
  });

  test.each(['', 'e7', '7.42', 'e7.', 'e7.4 2', 'e7.../x', 'e7.42\n'])('%j is none', (ref) => {
    expect(() => parseRef(ref)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('an element is found', () => {
  const save = { ref: 'e7.1', role: 'button', name: 'Save As…', states: ['focused', 'pressed'], pid: 1 };

  test.each([
    [{ role: 'button' }, true],
    [{ role: 'link' }, false],
    [{ name: 'save' }, true],
    [{ name: 'save', match: 'exact' as const }, false],
    [{ name: 'Save As…', match: 'exact' as const }, true],
    [{ name: '^Save .*…$', match: 'regex' as const }, true],
    [{ states: ['focused' as const] }, true],
    [{ states: ['focused' as const, 'checked' as const] }, false],
  ])('by %j: %p', (request, isFound) => {
    expect(elementMatcher(request)(save)).toBe(isFound);
  });

  test('not by a pattern that is none', () => {
    const asked = () => elementMatcher({ name: '(', match: 'regex' });
    expect(asked).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
