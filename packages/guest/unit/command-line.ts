import type { ExecCommand } from './definition.ts';
import { expandSpecifiers } from './specifier.ts';
import type { UnitName } from './unit-name.ts';
import { splitWords, type Word } from './words.ts';

/**
 * `ExecStart=` and its kin: command lines separated by a bare `;`, each a program with the prefixes `-@:+!`. Throws a SyntaxError that says what is wrong.
 */
export function parseCommandLines(value: string, unit: UnitName): ExecCommand[] {
  const lines: Word[][] = [[]];
  for (const word of splitWords(value)) {
    if (word.text === ';' && !word.wasQuoted) lines.push([]);
    // SAFETY: there is always a last line.
    else lines.at(-1)!.push(word);
  }
  return lines
    .filter((line) => line.length > 0)
    .map((line) =>
      parseCommand(
        line.map((word) => word.text),
        unit,
      ),
    );
}

function parseCommand(words: readonly string[], unit: UnitName): ExecCommand {
  const first = words[0] ?? '';
  const prefixes = /^[-@:+!]*/.exec(first)?.[0] ?? '';
  const path = expandSpecifiers(first.slice(prefixes.length), unit);
  if (path === '') throw new SyntaxError('Empty path in command line');
  if (path.endsWith('/')) throw new SyntaxError(`Executable path specifies a directory: '${path}'`);
  if (path.includes('/') && !path.startsWith('/'))
    throw new SyntaxError(`Neither a valid executable name nor an absolute path: '${path}'`);
  const args = words.slice(1).map((word) => expandSpecifiers(word, unit));
  return {
    path,
    argv: prefixes.includes('@') ? args : [path, ...args],
    ignoreFailure: prefixes.includes('-'),
    noExpansion: prefixes.includes(':'),
    fullPrivileges: prefixes.includes('+') || prefixes.includes('!'),
  };
}

/** argv with variables put in: `${X}` within a word, `$X` as a whole word split at white space (unset: no word), `$$` a dollar sign. */
export function expandArguments(command: ExecCommand, env: Readonly<Record<string, string>>): string[] {
  if (command.noExpansion) return [...command.argv];
  const [name = command.path, ...args] = command.argv;
  return [
    // The program itself is never the result of a variable.
    name,
    ...args.flatMap((word) => {
      const whole = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1];
      if (whole !== undefined) return splitValue(env[whole] ?? '');
      return [expandWord(word, env)];
    }),
  ];
}

function expandWord(word: string, env: Readonly<Record<string, string>>): string {
  return word.replace(
    /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:[-+])((?:[^{}]|\{[^}]*\})*))?\}/g,
    (whole, name?: string, how?: string, text?: string) => {
      if (name === undefined) return whole === '$$' ? '$' : whole;
      const value = env[name] ?? '';
      if (how === ':-') return value === '' ? expandWord(text ?? '', env) : value;
      if (how === ':+') return value === '' ? '' : expandWord(text ?? '', env);
      return value;
    },
  );
}

function splitValue(value: string): string[] {
  try {
    return splitWords(value).map((word) => word.text);
  } catch {
    return value.split(/\s+/).filter((word) => word !== ''); // expected: an unbalanced quote is a character of the value
  }
}
