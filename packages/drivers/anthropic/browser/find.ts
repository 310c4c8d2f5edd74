import type { PageElement } from './accessibility.ts';
import { formatElement } from './read-page.ts';
import type { Refs } from './refs.ts';

const maxMatches = 20; // as the API has it

/** Words of a query that name a kind of element. */
const roleWords: Readonly<Record<string, readonly string[]>> = {
  button: ['button', 'menuitem', 'tab', 'switch'],
  link: ['link'],
  field: ['textbox', 'searchbox', 'combobox', 'spinbutton'],
  input: ['textbox', 'searchbox', 'combobox', 'spinbutton'],
  textbox: ['textbox', 'searchbox'],
  box: ['textbox', 'searchbox', 'checkbox', 'combobox', 'listbox'],
  bar: ['searchbox', 'textbox', 'combobox', 'toolbar', 'menubar', 'navigation'],
  search: ['searchbox', 'search'],
  checkbox: ['checkbox', 'switch'],
  toggle: ['switch', 'checkbox'],
  radio: ['radio'],
  dropdown: ['combobox', 'listbox', 'select', 'menu'],
  select: ['combobox', 'listbox'],
  menu: ['menu', 'menubar', 'menuitem', 'combobox'],
  option: ['option', 'menuitem', 'radio'],
  tab: ['tab'],
  slider: ['slider'],
  heading: ['heading'],
  title: ['heading'],
  image: ['image', 'img'],
  picture: ['image', 'img'],
  icon: ['image', 'img', 'button'],
  table: ['table', 'grid'],
  row: ['row'],
  cell: ['cell', 'gridcell'],
  list: ['list', 'listbox'],
  form: ['form'],
  dialog: ['dialog', 'alertdialog'],
};

const emptyWords = new Set(
  'a an all and any at by element elements for from in is it of on or that the this to with'.split(' '),
);

/** The elements that fit a description best, best first, as lines of `read_page`. It goes by words: names, values, addresses and kinds of elements. */
export function findOnPage(root: PageElement, refs: Refs, query: string): string {
  const words = wordsOf(query).filter((word) => !emptyWords.has(word));
  const scored: { readonly element: PageElement; readonly score: number }[] = [];
  const visit = (element: PageElement) => {
    if (element.role !== 'text' && element.role !== 'page') {
      const score = scoreOf(element, words);
      if (score > 0) scored.push({ element, score });
    }
    element.children.forEach(visit);
  };
  visit(root);
  const best = scored.toSorted((a, b) => b.score - a.score);
  // What fits much worse than the best would only distract.
  const matches = best.filter(({ score }) => score >= (best[0]?.score ?? 0) / 2).slice(0, maxMatches);
  if (matches.length === 0) return 'No element fits this description. read_page shows what there is.';
  const lines = matches.map(
    ({ element }) => formatElement(element, refs) + (element.isVisible ? '' : ' (outside of the viewport)'),
  );
  return lines.join('\n');
}

function scoreOf(element: PageElement, words: readonly string[]): number {
  const name = wordsOf(element.name);
  const rest = wordsOf(`${element.value} ${element.description}`);
  const address = element.url.toLowerCase();
  let score = 0;
  let found = 0;
  for (const word of words) {
    const isKind = element.role.toLowerCase() === word || (roleWords[word] ?? []).includes(element.role);
    const points =
      (isKind ? 2 : 0) +
      (name.includes(word) ? 3 : name.some((other) => isLike(other, word)) ? 2 : 0) +
      (rest.some((other) => isLike(other, word)) ? 1.5 : 0) +
      (word.length > 3 && address.includes(word) ? 0.5 : 0);
    score += points;
    if (points > 0) found++;
  }
  if (found === 0) return 0;
  // A long text has many words; that it has these says less.
  const brevity = 1 / (1 + Math.max(0, name.length - words.length) / 20);
  return score * (found / words.length) * brevity * (element.isInteractive ? 1.5 : 1) * (element.isVisible ? 1.1 : 1);
}

/** One begins with the other: "log" and "login", "item" and "items". */
function isLike(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  return shorter >= 3 && (a.startsWith(b) || b.startsWith(a));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
