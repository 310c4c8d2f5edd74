/**
 * What an element is. AT-SPI numbers its roles (AtspiRole); the words are those of ARIA where it has one, since that is what models and people know from browsers.
 * `interactive`: something to click or type into, which gets a label. `plain`: a container that means nothing without a name.
 */
interface RoleRow {
  readonly word: string;
  readonly kind?: 'interactive' | 'plain';
}

const plain = (word: string): RoleRow => ({ word, kind: 'plain' });
const interactive = (word: string): RoleRow => ({ word, kind: 'interactive' });
const role = (word: string): RoleRow => ({ word });

const ROLES: readonly RoleRow[] = [
  plain('generic'),
  role('accelerator'),
  role('alert'),
  role('animation'),
  role('arrow'),
  interactive('calendar'),
  role('canvas'),
  interactive('checkbox'),
  interactive('menuitemcheckbox'),
  role('colorchooser'),
  interactive('columnheader'),
  interactive('combobox'),
  interactive('dateeditor'),
  interactive('icon'), // on the desktop
  role('desktop'),
  interactive('dial'),
  role('dialog'),
  role('directory'),
  role('canvas'),
  role('filechooser'),
  plain('filler'),
  plain('generic'),
  role('fontchooser'),
  role('window'),
  plain('generic'),
  plain('generic'),
  interactive('icon'),
  role('image'),
  role('window'),
  role('text'),
  plain('generic'),
  role('list'),
  interactive('listitem'),
  interactive('menu'),
  role('menubar'),
  interactive('menuitem'),
  plain('generic'),
  interactive('tab'),
  role('tablist'),
  plain('panel'),
  interactive('password'),
  role('menu'),
  role('progressbar'),
  interactive('button'),
  interactive('radio'),
  interactive('menuitemradio'),
  plain('generic'),
  role('rowheader'),
  plain('scrollbar'),
  plain('scrollpane'),
  plain('separator'),
  interactive('slider'),
  interactive('spinbutton'),
  plain('splitpane'),
  plain('statusbar'),
  role('table'),
  interactive('cell'),
  interactive('columnheader'),
  role('rowheader'),
  interactive('menuitem'),
  interactive('terminal'),
  interactive('textbox'),
  interactive('togglebutton'),
  plain('toolbar'),
  role('tooltip'),
  role('tree'),
  role('treegrid'),
  plain('generic'),
  plain('viewport'),
  role('window'),
  plain('generic'),
  plain('header'),
  plain('footer'),
  plain('paragraph'),
  plain('ruler'),
  role('application'),
  interactive('textbox'),
  interactive('textbox'),
  plain('generic'),
  interactive('textbox'),
  role('chart'),
  role('caption'),
  role('document'),
  role('heading'),
  role('page'),
  plain('section'),
  plain('generic'),
  plain('form'),
  interactive('link'),
  role('window'),
  plain('row'),
  interactive('treeitem'),
  role('document'),
  role('document'),
  role('document'),
  role('document'),
  role('document'),
  role('comment'),
  role('listbox'),
  plain('group'),
  role('image'),
  role('notification'),
  role('infobar'),
  role('meter'),
  plain('titlebar'),
  role('blockquote'),
  role('audio'),
  role('video'),
  role('definition'),
  role('article'),
  plain('landmark'),
  role('log'),
  role('marquee'),
  role('math'),
  role('rating'),
  role('timer'),
  role('text'),
  role('math'),
  role('math'),
  role('subscript'),
  role('superscript'),
  role('list'),
  role('term'),
  role('definition'),
  role('footnote'),
  role('deletion'),
  role('insertion'),
  role('mark'),
  role('suggestion'),
  interactive('button'),
  interactive('switch'),
];

const unknown: RoleRow = plain('generic');

function roleRow(number: number): RoleRow {
  return ROLES[number] ?? unknown;
}

export function roleWord(number: number): string {
  return roleRow(number).word;
}

/** Whether it is something to click or type into. */
export function isInteractiveRole(word: string): boolean {
  return interactiveWords.has(word);
}

const interactiveWords = new Set(ROLES.filter(({ kind }) => kind === 'interactive').map(({ word }) => word));

/** Whether it means nothing by itself: its children stand in its place where it has no name. */
export function isPlainRole(number: number): boolean {
  return roleRow(number).kind === 'plain';
}

export const roles = { password: 40, terminal: 60 } as const;

// What is typed into, and combo boxes, whose text is what is chosen.
const textRoles: ReadonlySet<number> = new Set([11, 60, 61, 76, 77, 79]);
const valueRoles: ReadonlySet<number> = new Set([15, 42, 51, 52, 103, 114]);
const documentRoles: ReadonlySet<number> = new Set([82, 92, 93, 94, 95, 96]);

// Texts, and what is clicked or typed into: its name or value has all that is in it. Half of what a page consists of.
const leafRoles: ReadonlySet<number> = new Set([7, 8, 27, 40, 42, 43, 44, 45, 51, 52, 61, 62, 79, 88, 116, 130]);

/** Whether it contains nothing. */
export function isLeafRole(number: number): boolean {
  return leafRoles.has(number);
}

/** Whether its text is its value. That of a password never is. */
export function isTextRole(number: number): boolean {
  return textRoles.has(number);
}

export function isValueRole(number: number): boolean {
  return valueRoles.has(number);
}

export function isDocumentRole(number: number): boolean {
  return documentRoles.has(number);
}

// Windows, dialogs, documents, and what has scroll bars.
const clippingRoles: ReadonlySet<number> = new Set([16, 23, 28, 49, 68, 69, 82, 92, 93, 94, 95, 96]);

/** Whether what is in it can be seen only as far as it lies within it. */
export function clipsRole(number: number): boolean {
  return clippingRoles.has(number);
}
