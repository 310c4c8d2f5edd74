import { CodedError } from '@bhatti/base/errors.ts';

/** Options that every command knows. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

/** A command line, cut into the command's name and its own words. Global options before the name are moved behind it: `--json list` is `list --json`. */
export function splitCommandLine(args: readonly string[]): { name: string | undefined; rest: readonly string[] } {
  const leading: string[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (!arg.startsWith('-')) break;
    leading.push(arg);
    if ((arg === '--url' || arg === '--token') && at + 1 < args.length) leading.push(args[(at += 1)] ?? '');
  }
  return { name: args[at], rest: [...leading, ...args.slice(at + 1)] };
}

/**
 * `K=V,K=V` as the original takes it, given once or several times. A comma starts a new variable only where a name and `=` follow, so a value may hold commas;
 * one variable to an option is never cut wrongly.
 */
export function parseEnvironment(words: readonly string[], option = '--env'): Record<string, string> {
  const env: Record<string, string> = {};
  for (const word of words)
    for (const assignment of word.split(/,(?=[A-Za-z_][A-Za-z0-9_]*=)/)) {
      const [key, value] = parseAssignment(assignment, option);
      env[key] = value;
    }
  return env;
}

export function parseLabels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => parseAssignment(word, '--label')));
}

function parseAssignment(word: string, option: string): [string, string] {
  const at = word.indexOf('=');
  if (at < 1) throw invalid(option, word, 'it must be KEY=VALUE');
  return [word.slice(0, at), word.slice(at + 1)];
}

/** A number as a person writes it; whether it is in range, the daemon says. */
export function parseNumber(option: string): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw invalid(option, text, 'it must be a number');
    return number;
  };
}

/** Collects an option that may be given several times. */
export function collect(word: string, before: readonly string[] = []): readonly string[] {
  return [...before, word];
}

export function invalid(argument: string, value: string, why: string): CodedError {
  return new CodedError('INVALID_ARGUMENT', `invalid value "${value}" for ${argument}: ${why}`, { argument, value });
}

/** An argument as a POSIX shell needs it typed. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
