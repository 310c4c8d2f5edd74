import { constants } from 'node:os';
import { expandSpecifiers } from './specifier.ts';
import { parseTimeSpan } from './time-span.ts';
import type { UnitName } from './unit-name.ts';
import { splitWords } from './words.ts';

/*
 * Values of directives that many have in common. What cannot be read throws a SyntaxError in systemd's words: the line is then left out.
 */

export function list(before: readonly string[], value: string, unit: UnitName): string[] {
  if (value === '') return [];
  return [...before, ...splitWords(value).map(({ text }) => expandSpecifiers(text, unit))];
}

export function absolute(path: string): string {
  if (!path.startsWith('/')) throw new SyntaxError(`Path is not absolute, ignoring: ${path}`);
  return path;
}

export function timeSpan(value: string): number {
  const ms = parseTimeSpan(value);
  if (ms === undefined) throw new SyntaxError(`Failed to parse time span, ignoring: ${value}`);
  return ms;
}

/** 0 switches a time-out off, as in systemd. */
export function timeout(value: string): number {
  const ms = timeSpan(value);
  return ms === 0 ? Infinity : ms;
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
  if (!/^[0-7]{1,5}$/.test(value)) throw new SyntaxError(`Failed to parse mode value, ignoring: ${value}`);
  return Number.parseInt(value, 8);
}

export function signal(value: string): string {
  const name = value.startsWith('SIG') ? value : `SIG${value}`;
  if (Object.hasOwn(constants.signals, name)) return name;
  const byNumber = Object.entries(constants.signals).find(([, number]) => String(number) === value)?.[0];
  if (byNumber === undefined) throw new SyntaxError(`Failed to parse kill signal specification, ignoring: ${value}`);
  return byNumber;
}

export function oneOf<const T extends string>(value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new SyntaxError(`Failed to parse value, ignoring: ${value}`);
  return found;
}
