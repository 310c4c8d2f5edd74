import { CodedError } from '@bhatti/base/errors.ts';
import type { Bounds } from '@bhatti/wire/display/a11y.ts';
import type { States } from './state.ts';

/** An element on the bus: the unique name of its program's connection, and its object path. */
export interface ElementId {
  readonly bus: string;
  readonly path: string;
}

/** What a program says of one element, before it is known which elements of its tree are worth showing. */
export interface RawElement {
  readonly path: string;
  readonly role: number;
  readonly name: string;
  readonly states: States;
  readonly bounds: Bounds | undefined;
  readonly value: string | undefined;
  readonly isOffscreen: boolean;
  readonly children: readonly RawElement[];
}

const usualPath = '/org/a11y/atspi/accessible/';

/** GTK, Qt and Chromium number their elements and use no number twice, and no connection has the number of an earlier one. */
export function formatRef({ bus, path }: ElementId): string {
  const short = path.startsWith(usualPath) ? path.slice(usualPath.length) : path;
  return `e${bus.slice(':1.'.length)}.${/^\w{1,64}$/.test(short) ? short : path}`;
}

/** Throws INVALID_ARGUMENT. */
export function parseRef(ref: string): ElementId {
  const match = /^e(\d{1,9})\.(\w{1,64}|(?:\/\w+)+)$/.exec(ref);
  const [, connection, name] = match ?? [];
  if (connection === undefined || name === undefined) {
    throw new CodedError('INVALID_ARGUMENT', `cannot use ref "${ref.slice(0, 40)}": it must be like "e7.42"`, {
      argument: 'ref',
    });
  }
  return { bus: `:1.${connection}`, path: name.startsWith('/') ? name : `${usualPath}${name}` };
}

export function isUsualBusName(name: string): boolean {
  return /^:1\.\d{1,9}$/.test(name);
}
