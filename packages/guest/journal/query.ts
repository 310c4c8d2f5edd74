import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { JournalArguments } from './arguments.ts';
import { parseCursor, type EntryCursor } from './cursor.ts';
import { fieldsOf, textOf, type EntryContext, type JournalEntry } from './entry.ts';
import { OUTPUTS, type JournalOutput } from './format.ts';
import { compilePattern } from './pattern.ts';
import { QueryError } from './query-error.ts';
import { parseTimestamp } from './timestamp.ts';

const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const facilityNames = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp 12 13 14 15'.split(' ');
export const FACILITIES: readonly string[] = [...facilityNames, ...Array.from({ length: 8 }, (_, at) => `local${at}`)];

/** What a command line asks for. */
export interface Query {
  readonly output: JournalOutput;
  /** Names and patterns; none means all. */
  readonly units: readonly string[];
  readonly sinceUs: number | undefined;
  readonly untilUs: number | undefined;
  readonly start: { readonly cursor: EntryCursor; readonly isIncluded: boolean } | undefined;
  readonly lines: number | undefined;
  readonly isReverse: boolean;
  readonly isFollow: boolean;
  readonly isQuiet: boolean;
  readonly pattern: RegExp | undefined;
  /** All but the pattern, and the boot. */
  readonly matches: (entry: JournalEntry) => boolean;
}

/** What journalctl(1) makes of its options; `cursorText` stands in for --after-cursor=. */
export function readQuery(args: JournalArguments, context: EntryContext, cursorText: string | undefined): Query {
  const { options } = args;
  const last = (name: string) => options.get(name)?.at(-1);
  const now = new Date();
  const output = outputOf(last('output') ?? 'short');
  const pattern = patternOf(last('grep'), last('case-sensitive'));
  const isFollow = options.has('follow');
  if (isFollow && options.has('reverse'))
    throw new QueryError('Please specify either --reverse= or --follow=, not both.');
  const [sinceUs, untilUs] = [timeOf(last('since'), now), timeOf(last('until'), now)];
  if (sinceUs !== undefined && untilUs !== undefined && sinceUs > untilUs)
    throw new QueryError('--since= must be before --until=.');
  const [at, after] = [last('cursor'), last('after-cursor') ?? cursorText];
  const given = (text: string | undefined) => (text === undefined ? 0 : 1);
  if (given(at) + given(after) + given(last('since')) > 1 && cursorText === undefined)
    throw new QueryError('Please specify only one of --since=, --cursor=, and --after-cursor.');
  const isNewestFirst = pattern !== undefined && options.has('lines') && !isFollow;
  return {
    output,
    units: options.get('unit') ?? [],
    sinceUs,
    untilUs,
    start: startOf(at, after),
    lines: linesOf(args),
    isReverse: options.has('reverse') || isNewestFirst,
    isFollow,
    isQuiet: options.has('quiet') || ['export', 'json', 'json-pretty', 'json-sse', 'json-seq', 'cat'].includes(output),
    pattern,
    matches: everyOf([
      options.has('dmesg') ? () => false : undefined,
      priorityTest(last('priority')),
      facilityTest(options.get('facility')),
      identifierTest(options.get('identifier')),
      wordsTest(args.words, context),
    ]),
  };
}

type Test = (entry: JournalEntry) => boolean;

function everyOf(tests: readonly (Test | undefined)[]): Test {
  const given = tests.filter((test) => test !== undefined);
  const [first, ...others] = given;
  if (first === undefined) return () => true;
  return others.length === 0 ? first : (entry) => given.every((test) => test(entry));
}

function outputOf(name: string): JournalOutput {
  const found = OUTPUTS.find((output) => output === name);
  if (found === undefined) throw new QueryError(`Unknown output format '${name}'.`);
  return found;
}

function timeOf(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  const timeUs = parseTimestamp(text, now);
  if (timeUs === undefined) throw new QueryError(`Failed to parse timestamp: ${text}`);
  return timeUs;
}

function startOf(at: string | undefined, after: string | undefined): Query['start'] {
  const text = at ?? after;
  if (text === undefined) return undefined;
  const cursor = parseCursor(text);
  if (cursor === undefined) throw new QueryError('Failed to seek to cursor: Invalid argument');
  return { cursor, isIncluded: at !== undefined };
}

function linesOf({ options }: JournalArguments): number | undefined {
  const text = options.get('lines')?.at(-1);
  if (options.has('no-tail') || text === 'all') return undefined;
  if (text === undefined) return options.has('follow') ? 10 : options.has('pager-end') ? 1_000 : undefined;
  if (text === '') return 10;
  if (!/^\+?\d+$/.test(text)) throw new QueryError(`Failed to parse lines '${text}'`);
  return Number(text);
}

function patternOf(text: string | undefined, caseSensitive: string | undefined): RegExp | undefined {
  const isSensitive = caseSensitive === undefined ? undefined : booleanOf(caseSensitive);
  return text === undefined ? undefined : compilePattern(text, isSensitive);
}

function booleanOf(text: string): boolean {
  if (['', '1', 'yes', 'y', 'true', 't', 'on'].includes(text.toLowerCase())) return true;
  if (['0', 'no', 'n', 'false', 'f', 'off'].includes(text.toLowerCase())) return false;
  throw new QueryError(`Bad --case-sensitive= argument "${text}": Invalid argument`);
}

function priorityTest(text: string | undefined): Test | undefined {
  if (text === undefined) return undefined;
  const ends = text.split('..');
  const [from, to] = ends.map((name) => (/^[0-7]$/.test(name) ? Number(name) : priorities.indexOf(name)));
  if (ends.length > 2 || from === -1 || to === -1 || from === undefined)
    throw new QueryError(ends.length > 1 ? `Failed to parse log level range ${text}` : `Unknown log level ${text}`);
  const [least, most] = to === undefined ? [0, from] : [Math.min(from, to), Math.max(from, to)];
  return ({ priority }) => priority !== undefined && priority >= least && priority <= most;
}

function facilityTest(given: readonly string[] | undefined): Test | undefined {
  if (given === undefined) return undefined;
  const wanted = new Set<number | undefined>();
  for (const name of given.flatMap((list) => list.split(','))) {
    const number = /^\d{1,3}$/.test(name) ? Number(name) : FACILITIES.indexOf(name);
    if (number === -1) throw new QueryError(`Bad --facility= argument "${name}".`);
    wanted.add(number);
  }
  return ({ speaker }) => wanted.has(speaker.facility);
}

function identifierTest(given: readonly string[] | undefined): Test | undefined {
  if (given === undefined) return undefined;
  const wanted = new Set<string | undefined>(given);
  return ({ speaker }) => wanted.has(speaker.identifier);
}

/** `A=1 A=2 B=3 + C=4`: values of one field are alternatives, fields of one term hold together, terms are alternatives. */
function wordsTest(words: readonly string[], context: EntryContext): Test | undefined {
  if (words.length === 0) return undefined;
  const terms: Map<string, Set<string>>[] = [new Map()];
  for (const word of words) {
    const term = terms.at(-1) ?? new Map<string, Set<string>>();
    if (word === '+') {
      if (term.size === 0) throw new QueryError('"+" can only be used between terms');
      terms.push(new Map());
      continue;
    }
    const [name, value] = word.startsWith('/') ? programMatch(word) : fieldMatch(word);
    term.set(name, (term.get(name) ?? new Set()).add(value));
  }
  if (terms.at(-1)?.size === 0) throw new QueryError('"+" can only be used between terms');
  return (entry) => {
    const fields = fieldsOf(entry, context);
    return terms.some((term) =>
      [...term].every(([name, values]) => fields.some((field) => field[0] === name && values.has(textOf(field[1])))),
    );
  };
}

function fieldMatch(word: string): [string, string] {
  const [, name, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined)
    throw new QueryError(`Failed to add match '${word}': Invalid argument`);
  return [name, value];
}

/** What a program says is found by its name: entries do not hold its path. The kernel's names have 15 letters. */
function programMatch(path: string): [string, string] {
  try {
    return ['_COMM', basename(realpathSync(path)).slice(0, 15)];
  } catch {
    throw new QueryError("Couldn't canonicalize path: No such file or directory");
  }
}
