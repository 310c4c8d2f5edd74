/** How an option takes its value. */
export type OptionKind = 'flag' | 'value' | 'optional';

export interface OptionTable {
  readonly longs: Readonly<Record<string, OptionKind>>;
  /** One letter each, by the long name that it stands for. */
  readonly shorts: Readonly<Record<string, string>>;
}

/** What a command line holds: words in order, and for each option that was given the values in order; a flag has empty ones. */
export interface Parsed {
  readonly words: string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** Why a command line cannot be understood, in getopt's words. */
export class UsageError extends Error {}

/**
 * getopt_long(3): options stand anywhere, take their values in every form, may be cut short while they are unmistakable, and end at `--`; where a command line of its own follows (`leading`), at the
 * first word.
 */
export function getopt(
  program: string,
  args: readonly string[],
  table: OptionTable,
  where: 'anywhere' | 'leading' = 'anywhere',
): Parsed {
  const words: string[] = [];
  const options = new Map<string, string[]>();
  const add = (name: string, value: string) => options.set(name, [...(options.get(name) ?? []), value]);
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') return { words: [...words, ...rest], options };
    if (arg.startsWith('--')) {
      readLong(program, arg.slice(2), rest, table, add);
    } else if (arg.startsWith('-') && arg.length > 1) {
      readShorts(program, arg.slice(1), rest, table, add);
    } else {
      words.push(arg);
      if (where === 'leading') return { words: [...words, ...rest], options };
    }
  }
  return { words, options };
}

function readLong(
  program: string,
  text: string,
  rest: string[],
  table: OptionTable,
  add: (name: string, value: string) => void,
): void {
  const equals = text.indexOf('=');
  const written = equals === -1 ? text : text.slice(0, equals);
  const name = findLong(program, written, table);
  const kind = table.longs[name];
  if (equals !== -1) {
    if (kind === 'flag') throw new UsageError(`${program}: option '--${name}' doesn't allow an argument`);
    return add(name, text.slice(equals + 1));
  }
  if (kind !== 'value') return add(name, '');
  const value = rest.shift();
  if (value === undefined) throw new UsageError(`${program}: option '--${name}' requires an argument`);
  add(name, value);
}

function findLong(program: string, written: string, table: OptionTable): string {
  if (Object.hasOwn(table.longs, written)) return written;
  const candidates = Object.keys(table.longs).filter((long) => long.startsWith(written));
  const [only] = candidates;
  if (only === undefined) throw new UsageError(`${program}: unrecognized option '--${written}'`);
  if (candidates.length === 1) return only;
  const list = candidates.map((candidate) => `'--${candidate}'`).join(' ');
  throw new UsageError(`${program}: option '--${written}' is ambiguous; possibilities: ${list}`);
}

/** `-n50`, `-n 50`, `-xeu ssh`. */
function readShorts(
  program: string,
  letters: string,
  rest: string[],
  table: OptionTable,
  add: (name: string, value: string) => void,
): void {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters.charAt(at);
    const name = Object.hasOwn(table.shorts, letter) ? table.shorts[letter] : undefined;
    if (name === undefined) throw new UsageError(`${program}: invalid option -- '${letter}'`);
    if (table.longs[name] === 'flag') {
      add(name, '');
      continue;
    }
    const attached = letters.slice(at + 1);
    if (attached !== '' || table.longs[name] === 'optional') return add(name, attached);
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${program}: option requires an argument -- '${letter}'`);
    return add(name, value);
  }
}

/** The last value of an option; undefined when it was not given. */
export function lastValue(parsed: Parsed, name: string): string | undefined {
  return parsed.options.get(name)?.at(-1);
}
