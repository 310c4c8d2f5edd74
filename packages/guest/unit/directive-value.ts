import { constants } from 'node:os';
import { expandSpecifiers } from './specifier.ts';
import { parseTimeSpan } from './time-span.ts';
import type { UnitName } from './unit-name.ts';
import { splitWords, wordsOf } from './words.ts';

/*
 * Values of directives that many have in common. What cannot be read throws a SyntaxError in systemd's words: the line is then left out.
 */

/** A list with what is added to it; the same list, since a file may add to it a million times. */
export function list(before: string[], value: string, unit: UnitName): string[] {
  if (value === '') return [];
  for (const { text } of splitWords(value)) before.push(expandSpecifiers(text, unit));
  return before;
}

export function absolute(path: string): string {
  if (!path.startsWith('/')) throw new SyntaxError(`Path is not absolute, ignoring: ${path}`);
  return path;
}

export function timeSpan(value: string): number {
  const ms = parseTimeSpan(value);
  if (ms === undefined) throw new SyntaxError(`Failed to parse sec value, ignoring: ${value}`);
  return ms;
}

/** 0 switches a time-out off, as in systemd. */
export function timeout(value: string): number {
  const ms = parseTimeSpan(value);
  if (ms === undefined) throw new SyntaxError(`Failed to parse time value, ignoring: ${value}`);
  return ms === 0 ? Infinity : ms;
}

/** The same of a directive that is named when its value makes no sense. */
export function timeoutOf(directive: string, value: string): number {
  const ms = parseTimeSpan(value);
  if (ms === undefined) throw new SyntaxError(`Failed to parse ${directive}= parameter, ignoring: ${value}`);
  return ms === 0 ? Infinity : ms;
}

export function unsigned(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new SyntaxError(`Failed to parse unsigned value, ignoring: ${value}`);
  return Number(value);
}

export function boolean(value: string): boolean {
  if (/^(1|y|yes|t|true|on)$/i.test(value)) return true;
  if (/^(0|n|no|f|false|off)$/i.test(value)) return false;
  throw new SyntaxError(`Failed to parse boolean value, ignoring: ${value}`);
}

export function integer(value: string): number {
  if (!/^[+-]?\d{1,9}$/.test(value)) throw new SyntaxError(`Failed to parse value, ignoring: ${value}`);
  return Number(value);
}

export function octal(value: string): number {
  if (!/^0?[0-7]{1,4}$/.test(value)) throw new SyntaxError(`Failed to parse mode value, ignoring: ${value}`);
  return Number.parseInt(value, 8);
}

export function signal(value: string): string {
  const name = value.startsWith('SIG') ? value : `SIG${value}`;
  if (Object.hasOwn(constants.signals, name)) return name;
  const byNumber = Object.entries(constants.signals).find(([, number]) => String(number) === value)?.[0];
  if (byNumber === undefined) throw new SyntaxError(`Failed to parse signal name, ignoring: ${value}`);
  return byNumber;
}

export function oneOf<const T extends string>(value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new SyntaxError(`Failed to parse value, ignoring: ${value}`);
  return found;
}

/** One of a few words, or a SyntaxError that names the kind of value as systemd does. */
export function keyword<const T extends string>(value: string, allowed: readonly T[], what: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new SyntaxError(`Failed to parse ${what}, ignoring: ${value}`);
  return found;
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
  E: 2 ** 60,
};

/** `16`, `1.5G`; undefined when it is none. */
export function byteSize(text: string): number | undefined {
  const match = /^(\d{1,18}(?:\.\d{1,9})?)\s*([BKMGTPE]?)$/.exec(text);
  const unit = byteUnits[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

/** Each word of a list by itself: one that cannot be read does not take the others along. */
export function eachWord(value: string, unit: UnitName, take: (word: string) => void): void {
  const problems: string[] = [];
  const attempt = (run: () => void, describe: (error: SyntaxError) => string) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems.push(describe(error));
    }
  };
  attempt(
    () => {
      for (const { text } of wordsOf(value))
        attempt(
          () => take(expandSpecifiers(text, unit)),
          (error) => error.message,
        );
    },
    () => `Invalid syntax, ignoring: ${value}`,
  );
  if (problems.length > 0) throw new SyntaxError(problems.join('\n'));
}
