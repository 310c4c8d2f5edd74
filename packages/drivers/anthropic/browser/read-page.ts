import type { PageElement } from './accessibility.ts';
import type { Refs } from './refs.ts';

export interface PageFilter {
  /** `visible`: what the viewport shows; `interactive`: of that, what can be acted upon; `all`: what lies outside as well. */
  readonly show: 'visible' | 'interactive' | 'all';
  readonly depth: number;
}

const maxLength = 50_000; // characters, as the API has it
const cutNote = '[cut here: narrow it with "ref", a smaller "depth" or the filter "interactive"]';

/** The tree as text, a line an element. */
export function formatPage(root: PageElement, refs: Refs, filter: PageFilter): string {
  const lines: string[] = [];
  let length = 0;
  const add = (element: PageElement, depth: number): boolean => {
    const isShown =
      (filter.show === 'all' || element.isVisible) && (filter.show !== 'interactive' || element.isInteractive);
    if (isShown && depth > filter.depth) return true;
    if (isShown) {
      const line = '  '.repeat(depth - 1) + formatElement(element, refs);
      length += line.length + 1;
      if (length + cutNote.length > maxLength) {
        lines.push(cutNote);
        return false;
      }
      lines.push(line);
    }
    return element.children.every((child) => add(child, isShown ? depth + 1 : depth));
  };
  add(root, 1);
  return lines.length === 0 ? '[nothing to show]' : lines.join('\n');
}

/** One line: `button "Save" [ref_3] (disabled)`. */
export function formatElement(element: PageElement, refs: Refs): string {
  const { role, name, value, url, description, states, handle } = element;
  const parts = [role];
  if (name !== '') parts.push(JSON.stringify(name));
  if (role !== 'text') parts.push(`[${refs.refOf(handle)}]`);
  if (value !== '' && value !== name) parts.push(`value=${JSON.stringify(value)}`);
  if (url !== '') parts.push(`url=${url}`);
  if (description !== '' && description !== name) parts.push(`description=${JSON.stringify(description)}`);
  if (states.length > 0) parts.push(`(${states.join(', ')})`);
  return parts.join(' ');
}
