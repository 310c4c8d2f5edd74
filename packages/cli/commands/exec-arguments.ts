import { CodedError } from '@bhatti/base/errors.ts';

import { invalid, parseEnvironment, parseNumber, shellQuote, type GlobalOptions } from '../arguments.ts';

/** What `bhatti exec` was asked. */
export interface ExecArguments extends GlobalOptions {
  readonly name: string;
  readonly argv: readonly string[];
  /** 0 is none. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly user: string | undefined;
  readonly tty: boolean;
  /** Whether standard input is sent: as asked for, else where it is a pipe or a file. */
  readonly input: 'yes' | 'no' | 'if redirected';
  readonly detach: boolean;
}

// By hand, not by commander: this is the command that agents call in a loop, and loading commander would be a quarter of its time. commander still prints its help.

/** Options may stand before and after the name, up to `--`; what follows is the command and is never looked into. */
export function parseExecArguments(args: readonly string[]): ExecArguments {
  const end = args.indexOf('--');
  const words = [...(end === -1 ? args : args.slice(0, end))];
  const argv = end === -1 ? [] : args.slice(end + 1);
  const found = { flags: new Set<string>(), values: new Map<string, string[]>() };
  const names: string[] = [];
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    // The first word after the name that is no option of ours begins a command whose `--` was forgotten.
    if (names.length === 1 && (end === -1 || !word.startsWith('-')) && !isOption(word)) break;
    if (!word.startsWith('-')) names.push(word);
    else at += takeOption(words, at, found);
  }
  const name = names[0];
  if (name === undefined) throw usage('missing the name of the sandbox', 'bhatti exec NAME -- COMMAND');
  const forgotten = words.slice(at);
  if (forgotten.length > 0) {
    const whole = end === -1 ? forgotten : [...forgotten, '--', ...argv];
    throw usage(
      'missing "--" before the command',
      ['bhatti exec', ...words.slice(0, at).map(shellQuote), '--', ...whole.map(shellQuote)].join(' '),
    );
  }
  if (argv.length === 0)
    throw usage(
      end === -1 ? 'missing "--" and the command' : 'missing the command after "--"',
      `bhatti exec ${shellQuote(name)} -- COMMAND, or bhatti shell ${shellQuote(name)}`,
    );
  return interpret(name, argv, found);
}

function interpret(name: string, argv: readonly string[], { flags, values }: Found): ExecArguments {
  const last = (option: string) => values.get(option)?.at(-1);
  const has = (...names: string[]) => names.some((option) => flags.has(option));
  const timeout = last('--timeout');
  const tty = has('--tty', '-t');
  return {
    name,
    argv,
    timeoutMs: timeout === undefined ? 0 : parseTimeout(timeout),
    env: parseEnvironment(values.get('--env') ?? []),
    cwd: last('--cwd'),
    user: last('--user'),
    tty,
    input: has('--no-stdin', '-n') ? 'no' : has('--interactive', '-i') || tty ? 'yes' : 'if redirected',
    detach: has('--detach'),
    json: has('--json'),
    url: last('--url'),
    token: last('--token'),
  };
}

interface Found {
  readonly flags: Set<string>;
  readonly values: Map<string, string[]>;
}

const flagNames = new Set(['--detach', '--tty', '-t', '--interactive', '-i', '--no-stdin', '-n', '--json']);
const valueNames = new Set(['--timeout', '--env', '--cwd', '--user', '--url', '--token']);

function isOption(word: string): boolean {
  return flagNames.has(word) || valueNames.has(word.split('=', 1)[0] ?? '') || /^-[tin]{2,3}$/.test(word);
}

/** Notes the option at `at` and answers how many further words it took. */
function takeOption(words: readonly string[], at: number, { flags, values }: Found): number {
  const word = words[at] ?? '';
  if (flagNames.has(word)) {
    flags.add(word);
    return 0;
  }
  if (/^-[tin]{2,3}$/.test(word)) {
    for (const letter of word.slice(1)) flags.add(`-${letter}`);
    return 0;
  }
  const equals = word.indexOf('=');
  const option = equals === -1 ? word : word.slice(0, equals);
  if (!valueNames.has(option)) throw usage(`unknown option "${option}" of exec`, 'see "bhatti exec --help"');
  const value = equals === -1 ? words[at + 1] : word.slice(equals + 1);
  if (value === undefined) throw usage(`option "${option}" needs a value`, 'see "bhatti exec --help"');
  values.set(option, [...(values.get(option) ?? []), value]);
  return equals === -1 ? 1 : 0;
}

const maxTimeoutSeconds = 86_400; // a day, as in the original

function parseTimeout(text: string): number {
  const seconds = parseNumber('--timeout')(text);
  if (seconds < 0 || seconds > maxTimeoutSeconds)
    throw invalid('--timeout', text, `it must be between 0 and ${maxTimeoutSeconds} seconds`);
  return Math.round(seconds * 1000);
}

function usage(message: string, hint: string): CodedError {
  return new CodedError('USAGE', message, { command: 'exec' }, { hint });
}
