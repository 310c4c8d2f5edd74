import { completeUnitName, parseUnitName, UNIT_TYPES, type UnitType } from './unit-name.ts';

const plain = /[A-Za-z0-9:_.]/;
const encoder = new TextEncoder();

/** systemd-escape(1): `/` is `-`, and everything else that has no place in a unit's name, with a dot at its begin, is `\xNN`. */
export function escapeUnitName(text: string): string {
  return escapeBytes(text, plain);
}

/** A path as the name of a unit: without slashes at its ends or twice; the root is `-`. Undefined for what has `..` in it. */
export function escapePath(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return undefined;
  return parts.length === 0 ? '-' : escapeUnitName(parts.join('/'));
}

/** The way back from `escapeUnitName`; undefined where an escape is broken. */
export function unescapeText(text: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(at + 1, at + 4))?.[1];
      if (hex === undefined) return undefined;
      bytes.push(Number.parseInt(hex, 16));
      at += 3;
    } else {
      bytes.push(...encoder.encode(character === '-' ? '/' : character));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** The way back from `escapePath`. */
export function unescapePath(text: string): string | undefined {
  if (text === '-') return '/';
  const path = unescapeText(text);
  return path === undefined || path === '' || path.startsWith('/') || path.endsWith('/') ? undefined : `/${path}`;
}

/** What people type, as the name of a unit: complete, escaped where it has to be, and a path as its mount or device. */
export function mangleUnitName(
  text: string,
  suffix = 'service',
): { readonly name: string; readonly isEscaped: boolean } {
  if (text.startsWith('/')) {
    const path = escapePath(text);
    const kind = text.startsWith('/dev/') ? 'device' : 'mount';
    if (path !== undefined) return { name: `${path}.${kind}`, isEscaped: false };
  }
  const complete = hasType(text) || suffix !== 'service' ? text : completeUnitName(text);
  const named = hasType(complete) ? complete : `${complete}.${suffix}`;
  if (parseUnitName(named) !== undefined) return { name: named, isEscaped: false };
  const name = escapeBytes(text, /[A-Za-z0-9:_.\\@-]/);
  // What was no name with its type as it stood gets another.
  return {
    name: hasType(name) && parseUnitName(name) !== undefined ? name : `${name}.${suffix}`,
    isEscaped: name !== text,
  };
}

export function hasType(name: string): boolean {
  return isUnitType(name.slice(name.lastIndexOf('.') + 1)) && name.lastIndexOf('.') > 0;
}

export function isUnitType(text: string): text is UnitType {
  return UNIT_TYPES.some((type) => type === text);
}

function escapeBytes(text: string, kept: RegExp): string {
  let escaped = '';
  for (const [at, byte] of encoder.encode(text).entries()) {
    const character = String.fromCharCode(byte);
    if (character === '/') escaped += '-';
    else if (kept.test(character) && !(character === '.' && at === 0)) escaped += character;
    else escaped += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return escaped;
}
