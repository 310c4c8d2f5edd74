import { CodedError } from '@bhatti/base/errors.ts';
import type { ActionName } from '@bhatti/wire/display/action.ts';

/** What a server may be allowed to do. A tool outside its scopes does not exist for its clients. */
export const scopes = ['see', 'act', 'exec', 'files', 'publish', 'manage'] as const;
export type Scope = (typeof scopes)[number];
export type Scopes = ReadonlySet<Scope>;

export const scopeMeanings: Readonly<Record<Scope, string>> = {
  see: 'look at sandboxes, their screens, windows and clipboards',
  act: 'use mouse, keyboard, windows and clipboard of their desktops',
  exec: 'run commands',
  files: 'read, list and replace files',
  publish: 'give ports URLs, and take them away',
  manage: 'create, start, stop, pause, resume and destroy sandboxes',
};

/** What each action of a batch needs. An action without a row is a type error, so that a new one cannot be allowed by accident. */
export const ACTION_SCOPES: Readonly<Record<ActionName, 'see' | 'act'>> = {
  screenshot: 'see',
  zoom: 'see',
  click: 'act',
  down: 'act',
  up: 'act',
  move: 'act',
  drag: 'act',
  scroll: 'act',
  type: 'act',
  key: 'act',
  keydown: 'act',
  keyup: 'act',
  hold: 'act',
  wait: 'see',
  settle: 'see',
  waitChange: 'see',
  waitWindow: 'see',
  cursor: 'see',
  size: 'see',
  windows: 'see',
  window: 'act',
  copied: 'see',
  copy: 'act',
  open: 'act',
  launch: 'act',
  resize: 'act',
  tree: 'see',
  find: 'see',
  focus: 'act',
  invoke: 'act',
  set: 'act',
};

/** Scopes as a person writes them: `see,act`. Whatever is not exactly a list of known scopes is refused: a misspelt word must never mean more than it says. */
export function parseScopes(words: readonly string[]): Scopes {
  const named = words.flatMap((word) => word.split(',')).map((name) => name.trim());
  return new Set(named.map(scopeOf));
}

function scopeOf(name: string): Scope {
  const known = scopes.find((scope) => scope === name);
  if (known !== undefined) return known;
  const what = name === '' ? 'an empty scope' : `unknown scope "${name}"`;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid value for --allow: ${what}`,
    { argument: '--allow', value: name },
    { hint: `scopes are ${scopes.join(', ')}` },
  );
}
