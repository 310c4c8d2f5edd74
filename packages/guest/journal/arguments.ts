import { OPTIONS } from './option-table.ts';

export interface JournalArguments {
  readonly words: readonly string[];
  /** Every value that an option was given, in order; `` for a flag, and for an optional value that was left out. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** What getopt_long(3) says of a line it does not take. */
export class ArgumentError extends Error {}

/** journalctl's command line: options anywhere, names cut short where that leaves one, `-b` and `-n` with a value in the next word if it looks like one. */
export function parseJournalArguments(args: readonly string[]): JournalArguments {
  const words: string[] = [];
  const options = new Map<string, string[]>();
  const rest = [...args];
  const set = (name: string, value: string) => void options.set(name, [...(options.get(name) ?? []), value]);
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      words.push(...rest);
      break;
    }
    if (arg.startsWith('--')) readLong(arg.slice(2), rest, set);
    else if (arg.startsWith('-') && arg.length > 1) readShorts(arg.slice(1), rest, set);
    else words.push(arg);
  }
  return { words, options };
}

type Set = (name: string, value: string) => void;

function readLong(text: string, rest: string[], set: Set): void {
  const equals = text.indexOf('=');
  const given = equals === -1 ? text : text.slice(0, equals);
  const name = longName(given);
  const value = equals === -1 ? undefined : text.slice(equals + 1);
  const kind = OPTIONS[name]?.value;
  if (kind === undefined && value !== undefined)
    throw new ArgumentError(`option '--${name}' doesn't allow an argument`);
  if (kind !== 'required') return set(name, value ?? nextValue(name, rest));
  const next = value ?? rest.shift();
  if (next === undefined) throw new ArgumentError(`option '--${name}' requires an argument`);
  set(name, next);
}

function longName(given: string): string {
  if (Object.hasOwn(OPTIONS, given)) return given;
  const possible = Object.keys(OPTIONS).filter((name) => name.startsWith(given));
  const [first] = possible;
  if (first === undefined) throw new ArgumentError(`unrecognized option '--${given}'`);
  if (possible.length === 1) return first;
  const names = possible.map((name) => `'--${name}'`).join(' ');
  throw new ArgumentError(`option '--${given}' is ambiguous; possibilities: ${names}`);
}

function readShorts(letters: string, rest: string[], set: Set): void {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters.charAt(at);
    const found = Object.entries(OPTIONS).find(([, spec]) => spec.letter === letter);
    if (found === undefined) throw new ArgumentError(`invalid option -- '${letter}'`);
    const [name, { value }] = found;
    if (value === undefined) {
      set(name, '');
      continue;
    }
    const attached = letters.slice(at + 1);
    if (attached !== '') return set(name, attached);
    if (value === 'optional') return set(name, nextValue(name, rest));
    const next = rest.shift();
    if (next === undefined) throw new ArgumentError(`option requires an argument -- '${letter}'`);
    return set(name, next);
  }
}

/** The next word, where it can only be this option's. */
function nextValue(name: string, rest: string[]): string {
  const looks: Readonly<Record<string, RegExp>> = {
    lines: /^(?:\+?\d+|all)$/,
    boot: /^(?:all|[+-]?\d+|[0-9a-fA-F]{32}(?:[+-]\d+)?)$/,
  };
  return looks[name]?.test(rest[0] ?? '') === true ? (rest.shift() ?? '') : '';
}
