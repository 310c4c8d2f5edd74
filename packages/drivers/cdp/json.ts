import { CodedError } from '@bhatti/base/errors.ts';

/* How a browser's answers are read: by path, believing nothing. A field that is missing or of another type is undefined, or PROTOCOL_VIOLATION where nothing goes on without it. */

type Path = readonly (string | number)[];

export function at(value: unknown, ...path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}

export function textAt(value: unknown, ...path: Path): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: unknown, ...path: Path): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function numbersAt(value: unknown, ...path: Path): readonly number[] {
  return listAt(value, ...path).map((item) => (typeof item === 'number' && Number.isFinite(item) ? item : 0));
}

export function mustTextAt(value: unknown, ...path: Path): string {
  return textAt(value, ...path) ?? missing(path, 'text');
}

export function mustNumberAt(value: unknown, ...path: Path): number {
  return numberAt(value, ...path) ?? missing(path, 'number');
}

function missing(path: Path, what: string): never {
  throw new CodedError('PROTOCOL_VIOLATION', `unexpected reply from the browser: "${path.join('.')}" is no ${what}`, {
    peer: 'browser',
  });
}
