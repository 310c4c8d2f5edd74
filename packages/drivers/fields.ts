import { CodedError } from '@bhatti/base/errors.ts';
import type { Point } from '@bhatti/wire/display/action.ts';

/** The fields of an object that a model wrote. Whatever is wrong with one is INVALID_ARGUMENT, with a message that the model can correct itself by. */
export interface Fields {
  /** Whose fields, for messages. */
  readonly of: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly isWhole?: boolean;
}

/** Takes null for a field that is not there, as the vendors' schemas do. With `known`, a field that is none of these is refused: it asks for something that would not be done. */
export function readFields(value: unknown, of: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CodedError('INVALID_ARGUMENT', `invalid ${of}: it must be an object`, { argument: '' });
  const present = Object.entries(value).filter(([, content]) => content !== null && content !== undefined);
  const fields: Fields = { of, values: Object.fromEntries(present) };
  for (const [name] of present)
    if (known !== undefined && !known.includes(name)) throw wrong(fields, name, 'is not a field of it');
  return fields;
}

export function wrong(fields: Fields, name: string, what: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `invalid ${fields.of}: "${name}" ${what}`, { argument: name });
}

export const has = (fields: Fields, name: string): boolean => Object.hasOwn(fields.values, name);

export function textOf(fields: Fields, name: string, maxLength: number): string {
  const value = fields.values[name];
  if (typeof value !== 'string') throw wrong(fields, name, 'must be a text');
  if (value.length > maxLength) throw wrong(fields, name, `must be no longer than ${maxLength} characters`);
  return value;
}

/** A text that is not empty. */
export function wordOf(fields: Fields, name: string, maxLength: number): string {
  const value = textOf(fields, name, maxLength);
  if (value === '') throw wrong(fields, name, 'must not be empty');
  return value;
}

export function numberOf(fields: Fields, name: string, limits: NumberLimits = {}): number {
  return checkNumber(fields, name, fields.values[name], limits);
}

export function oneOf<const Choice extends string>(fields: Fields, name: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === fields.values[name]);
  if (found === undefined) throw wrong(fields, name, `must be one of ${choices.join(', ')}`);
  return found;
}

/** `[x, y]`; 0 is a coordinate. */
export function pointOf(fields: Fields, name: string): Point {
  const value = fields.values[name];
  if (!Array.isArray(value) || value.length !== 2) throw wrong(fields, name, 'must be [x, y]');
  return [checkNumber(fields, name, value[0]), checkNumber(fields, name, value[1])];
}

/** `[x0, y0, x1, y1]`, not empty. */
export function regionOf(fields: Fields, name: string): [number, number, number, number] {
  const value = fields.values[name];
  if (!Array.isArray(value) || value.length !== 4) throw wrong(fields, name, 'must be [x0, y0, x1, y1]');
  const [left, top] = [checkNumber(fields, name, value[0]), checkNumber(fields, name, value[1])];
  const [right, bottom] = [checkNumber(fields, name, value[2]), checkNumber(fields, name, value[3])];
  if (right <= left || bottom <= top) throw wrong(fields, name, 'must have x0 < x1 and y0 < y1');
  return [left, top, right, bottom];
}

function checkNumber(fields: Fields, name: string, value: unknown, limits: NumberLimits = {}): number {
  const { min = -Infinity, max = Infinity, isWhole = false } = limits;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(fields, name, 'must be a number');
  if (isWhole && !Number.isInteger(value)) throw wrong(fields, name, 'must be a whole number');
  if (value < min || value > max) {
    if (max === Infinity) throw wrong(fields, name, `must be at least ${min}`);
    throw wrong(fields, name, `must be from ${min} to ${max}`);
  }
  return value;
}
