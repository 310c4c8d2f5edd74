import { CodedError } from '@bhatti/base/errors.ts';
import type { OptionKind, OptionRow } from './option-table.ts';

/** One option as it was given somewhere: its text, already in the form that flags have, and how to name the place in an error. */
export interface GivenOption {
  readonly value: string;
  readonly origin: string;
}

/** Options by the lower-case name of their flag, or by their yaml key where they have no flag. */
export type GivenOptions = Map<string, GivenOption>;

export function optionId(row: OptionRow): string {
  return (row.flag ?? row.yaml ?? '').toLowerCase();
}

/** The text of a value in the one form that settings are made from. Throws INVALID_ARGUMENT naming `origin`. */
export function normalise(kind: OptionKind, value: string, origin: string): string {
  switch (kind.type) {
    case 'boolean':
      return normaliseBoolean(value, origin);
    case 'integer': {
      const word = kind.words?.[value.toLowerCase()];
      if (word !== undefined) return word;
      const number = /^[+-]?\d{1,10}$/.test(value) ? Number(value) : NaN;
      if (Number.isNaN(number)) throw wrongValue(origin, value, `a whole number from ${kind.min} to ${kind.max}`);
      if (number < kind.min || number > kind.max) {
        throw wrongValue(origin, value, `between ${kind.min} and ${kind.max}`);
      }
      return String(number);
    }
    case 'choice': {
      const chosen = kind.values[value];
      if (chosen === undefined) throw wrongValue(origin, value, `one of ${Object.keys(kind.values).join(', ')}`);
      return chosen;
    }
    case 'geometry':
      return normaliseGeometry(value, origin);
    case 'text':
    case 'list':
      return value;
  }
}

/** Smallest and largest side of a screen. Below, panels have no room; above, 16-bit coordinates of X run out. */
export const minSidePx = 64;
export const maxSidePx = 16_384;
/** The largest screen: 8K and a half. Three frames of it are 768 MiB. */
export const maxScreenPixels = 64 * 1024 * 1024;

function normaliseGeometry(value: string, origin: string): string {
  const match = /^(\d{1,10})x(\d{1,10})$/.exec(value);
  if (match === null) throw wrongValue(origin, value, 'WIDTHxHEIGHT, such as 1280x720');
  for (const side of [Number(match[1]), Number(match[2])]) {
    if (side < minSidePx || side > maxSidePx)
      throw wrongValue(origin, value, `${minSidePx} to ${maxSidePx} pixels a side`);
  }
  if (Number(match[1]) * Number(match[2]) > maxScreenPixels)
    throw wrongValue(origin, value, `at most ${maxScreenPixels} pixels`);
  return value;
}

function normaliseBoolean(value: string, origin: string): string {
  switch (value.toLowerCase()) {
    case '1':
    case 'on':
    case 'true':
    case 'yes':
      return '1';
    case '0':
    case 'off':
    case 'false':
    case 'no':
      return '0';
    default:
      throw wrongValue(origin, value, 'one of 1, 0, true, false');
  }
}

function wrongValue(origin: string, value: string, wanted: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot use ${origin} "${value}": it must be ${wanted}`, {
    argument: origin,
    value,
  });
}
