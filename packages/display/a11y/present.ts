import type { Element, TreeNode } from '@bhatti/wire/display/a11y.ts';
import { formatRef, type RawElement } from './element.ts';
import type { ProgramReading } from './read-program.ts';
import { isInteractiveRole, isPlainRole, roleWord } from './role-table.ts';
import { stateWordsOf } from './state.ts';

export interface Program {
  readonly pid: number;
  readonly bus: string;
}

/** What of a program is worth showing, parents before children: containers without a name give way to what they contain, and a text that only repeats its button's name is left out. */
export function presentProgram(program: Program, reading: ProgramReading): TreeNode[] {
  const nodes: TreeNode[] = [];
  const root = { ref: formatRef({ bus: program.bus, path: '/org/a11y/atspi/accessible/root' }) };
  nodes.push({ ...root, role: 'application', name: reading.name, states: [], pid: program.pid, depth: 0 });
  for (const window of reading.windows) add(window, 1, undefined);
  return nodes;

  function add(element: RawElement, depth: number, parent: TreeNode | undefined): void {
    if (!isWorthShowing(element, parent)) {
      for (const child of element.children) add(child, depth, parent);
      return;
    }
    const node = { ...describeElement(program, element), depth };
    const at = nodes.push(node);
    for (const child of element.children) add(child, depth + 1, node);
    // A window that was made in advance, and has nothing in it.
    if (element.name === '' && node.role === 'window' && nodes.length === at) nodes.pop();
  }
}

/** An element by itself. */
export function withoutDepth({ ref, role, name, value, states, bounds, pid }: TreeNode): Element {
  return { ref, role, name, ...(value === undefined ? {} : { value }), states, ...(bounds && { bounds }), pid };
}

function isWorthShowing(element: RawElement, parent: TreeNode | undefined): boolean {
  const { name, role, value } = element;
  const word = roleWord(role);
  // It is said to be seen, and nowhere: parts that lists make in advance are so.
  if (element.bounds === undefined && !element.isOffscreen) return false;
  if (word === 'text' && name !== '' && parent !== undefined && repeats(parent, name)) return false;
  if (name !== '' || (value !== undefined && value !== '')) return true;
  return !isPlainRole(role) && !meaningless.has(word);
}

/** Roles that say nothing without a name or a value. */
const meaningless: ReadonlySet<string> = new Set(['text', 'image', 'cell']);

function repeats(parent: TreeNode, text: string): boolean {
  return (isInteractiveRole(parent.role) || parent.role === 'heading') && parent.name.includes(text);
}

function describeElement({ pid, bus }: Program, element: RawElement): Element {
  const { path, role, name, value, bounds } = element;
  return {
    ref: formatRef({ bus, path }),
    role: roleWord(role),
    name,
    ...(value === undefined || value === '' ? {} : { value }),
    states: stateWordsOf(element.states, element.isOffscreen),
    ...(bounds === undefined ? {} : { bounds }),
    pid,
  };
}
