import { CodedError } from '@bhatti/base/errors.ts';
import { type GivenOptions, normalise, optionId } from './given.ts';
import { OPTIONS, type OptionRow, X_FLAGS } from './option-table.ts';

/** A command line of Xkasmvnc, taken apart. */
export interface CommandLine {
  readonly action: 'run' | 'help' | 'version' | 'waitReady' | 'stream' | 'a11y';
  /** Number of the display, `:99` is 99. */
  readonly display: number | undefined;
  readonly given: GivenOptions;
  /** What goes to the X server untouched. */
  readonly xFlags: readonly string[];
}

const rows = new Map(OPTIONS.filter((row) => row.flag !== undefined).map((row) => [optionId(row), row]));
const actions: Readonly<Record<string, CommandLine['action']>> = {
  '-help': 'help',
  '--help': 'help',
  '-version': 'version',
  '--version': 'version',
  '--wait-ready': 'waitReady',
  '--stream': 'stream',
  '--a11y': 'a11y',
};

/**
 * Reads flags as Xvnc does: `-flag value`, `-flag=value`, `--flag=value`, `flag=value`, and a bare `-flag` where it is a switch; names are case-insensitive.
 * Throws USAGE for what is not known.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const words = [...args];
  const given: GivenOptions = new Map();
  const xFlags: string[] = [];
  let action: CommandLine['action'] = 'run';
  let display: number | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const named = actions[word.toLowerCase()];
    const arity = X_FLAGS[word];
    if (named !== undefined) action = named;
    else if (word.startsWith(':')) display = parseDisplay(word);
    else if (arity !== undefined) xFlags.push(word, ...takeWords(words, arity, word));
    else takeOption(word, words, given);
  }
  return { action, display, given, xFlags };
}

function parseDisplay(word: string): number {
  const match = /^:(\d{1,5})(\.0)?$/.exec(word);
  if (match === null) throw usage(`cannot use display "${word}": it must be like ":99"`);
  return Number(match[1]);
}

function takeWords(words: string[], count: number, flag: string): string[] {
  const taken = words.splice(0, count);
  if (taken.length < count) throw usage(`flag "${flag}" needs a value`);
  return taken;
}

function takeOption(word: string, words: string[], given: GivenOptions): void {
  const match = /^(-{0,2})([^=]+)(?:=(.*))?$/s.exec(word);
  const name = match?.[2] ?? word;
  const assigned = match?.[3];
  const row = rows.get(name.toLowerCase());
  // Without a dash only `name=value` is a flag; anything else is a stray word.
  if (row === undefined || (match?.[1] === '' && assigned === undefined)) {
    throw usage(`unknown flag "${word}"`, 'Xkasmvnc -help lists the flags');
  }
  const value = assigned ?? valueAfter(row, words, word);
  const id = optionId(row);
  const origin = `flag "-${row.flag}"`;
  const text = normalise(row.kind, value, origin);
  const before = given.get(id);
  // Lists may be given several times, as KasmVNC's -http-header is.
  given.set(id, {
    value: row.kind.type === 'list' && before !== undefined ? `${before.value}\n${text}` : text,
    origin,
  });
}

// Xvnc's switches take a value only by "=", but scripts write "-AcceptKeyEvents 0" too.
function valueAfter(row: OptionRow, words: string[], flag: string): string {
  if (row.kind.type !== 'boolean') return takeWords(words, 1, flag)[0] ?? '';
  return /^(0|1|on|off|true|false|yes|no)$/i.test(words[0] ?? '') ? (words.shift() ?? '') : '1';
}

function usage(message: string, hint?: string): CodedError<'USAGE'> {
  return new CodedError('USAGE', message, { command: 'Xkasmvnc' }, hint === undefined ? {} : { hint });
}
