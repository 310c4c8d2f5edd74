import { normalize } from 'node:path/posix';
import type { ExecCommand } from './definition.ts';
import { expandSpecifiers } from './specifier.ts';
import type { UnitName } from './unit-name.ts';
import { splitWords, type Word } from './words.ts';

/** A line without which the unit cannot be: it is not started (`LoadState=bad-setting`). */
export class FatalSyntaxError extends SyntaxError {
  /** Why the file as a whole cannot be read (`LoadState=error`), where it is as bad as that. */
  readonly failure: string | undefined;

  constructor(message: string, failure?: string) {
    super(message);
    this.failure = failure;
  }
}

interface Prefixes {
  readonly ignoreFailure: boolean;
  readonly isRenamed: boolean;
  readonly noExpansion: boolean;
  readonly fullPrivileges: boolean;
  /** How many characters they are. */
  readonly length: number;
}

/**
 * `ExecStart=` and its kin: command lines separated by a bare `;`, each a program with the prefixes `-@:+!`. Throws a FatalSyntaxError that says what is wrong; a SyntaxError where `-` forgives it.
 */
export function parseCommandLines(value: string, unit: UnitName): ExecCommand[] {
  return commandsOf(value)
    .filter((line) => line.length > 0)
    .map((line) =>
      parseCommand(
        line.map((word) => word.text),
        unit,
      ),
    );
}

function commandsOf(value: string): Word[][] {
  const lines: Word[][] = [[]];
  let words: Word[];
  try {
    words = splitWords(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `${error.message}, ignoring: "${value}"`;
    throw value.startsWith('-') ? new SyntaxError(message) : new FatalSyntaxError(message);
  }
  for (const word of words) {
    if (word.text === ';' && !word.wasQuoted) lines.push([]);
    // SAFETY: there is always a last line.
    else lines.at(-1)!.push(word);
  }
  return lines;
}

function parseCommand(words: readonly string[], unit: UnitName): ExecCommand {
  const first = words[0] ?? '';
  const prefixes = readPrefixes(first);
  const refuse = (what: string, subject: string, why = '') => {
    const message = `${what}${prefixes.ignoreFailure ? ', ignoring' : ''}: ${subject}${why}`;
    return prefixes.ignoreFailure ? new SyntaxError(message) : new FatalSyntaxError(message);
  };
  const expand = (word: string, shown: string) => {
    try {
      return expandSpecifiers(word, unit);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const what = `Failed to resolve unit specifiers in ${shown}`;
      throw refuse(what, 'Invalid slot');
    }
  };
  const rest = first.slice(prefixes.length);
  if (rest === '') throw refuse('Empty path in command line', `'${first}'`);
  const path = expand(rest, `'${rest}'`);
  // oxlint-disable-next-line no-control-regex -- WHY: they are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(path)) throw refuse('Executable name contains special characters', path);
  if (path.endsWith('/')) throw refuse('Executable path specifies a directory', path);
  if (path.includes('/') && !path.startsWith('/'))
    throw refuse('Neither a valid executable name nor an absolute path', path);
  if (prefixes.isRenamed && words.length < 2) throw refuse('Empty executable name or zeroeth argument', first);
  const args = words.slice(1).map((word) => expand(word, word));
  return {
    path: path.startsWith('/') ? normalize(path) : path,
    argv: prefixes.isRenamed ? args : [path, ...args],
    ignoreFailure: prefixes.ignoreFailure,
    noExpansion: prefixes.noExpansion,
    fullPrivileges: prefixes.fullPrivileges,
  };
}

/** systemd.service(5), "Special executable prefixes": each once, and of `+`, `!` and `!!` one. */
function readPrefixes(word: string): Prefixes {
  let [ignoreFailure, isRenamed, noExpansion, fullPrivileges, isPrivilegeGiven] = [false, false, false, false, false];
  let at = 0;
  for (; ; at += 1) {
    const prefix = word[at];
    if (prefix === '-' && !ignoreFailure) ignoreFailure = true;
    else if (prefix === '@' && !isRenamed) isRenamed = true;
    else if (prefix === ':' && !noExpansion) noExpansion = true;
    else if ((prefix === '+' || prefix === '!') && !isPrivilegeGiven) {
      isPrivilegeGiven = true;
      // `!!` is for kernels without ambient capabilities.
      fullPrivileges = !word.startsWith('!!', at);
      if (!fullPrivileges) at += 1;
    } else break;
  }
  return { ignoreFailure, isRenamed, noExpansion, fullPrivileges, length: at };
}

/** argv with variables put in: `${X}` within a word, `$X` as a whole word split at white space (unset: no word), `$$` a dollar sign. What follows the dollar need not be a name. */
export function expandArguments(command: ExecCommand, env: Readonly<Record<string, string>>): string[] {
  if (command.noExpansion) return [...command.argv];
  const [name = command.path, ...args] = command.argv;
  return [
    // The program itself is never the result of a variable.
    name,
    ...args.flatMap((word) => {
      const whole = /^\$([^{$].*)?$/s.test(word) ? word.slice(1) : undefined;
      if (whole !== undefined) return splitValue(env[whole] ?? '');
      return [expandWord(word, env)];
    }),
  ];
}

function expandWord(word: string, env: Readonly<Record<string, string>>): string {
  return word.replace(/\$\$|\$\{([^:}]*)\}/g, (_, name?: string) => (name === undefined ? '$' : (env[name] ?? '')));
}

function splitValue(value: string): string[] {
  try {
    return splitWords(value).map((word) => word.text);
  } catch {
    return value.split(/\s+/).filter((word) => word !== ''); // expected: an unbalanced quote is a character of the value
  }
}
