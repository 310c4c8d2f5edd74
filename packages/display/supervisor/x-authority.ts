import { writeFileAtomically } from '@bhatti/sys/atomic-file.ts';
import { readFileSync } from 'node:fs';

/*
 * The file format of Xauthority (libXau, Xau(3)): entries one after the other, each a family and four counted strings, all counts 16 bits, most significant byte first.
 */
export interface AuthorityEntry {
  readonly family: number;
  readonly address: Uint8Array;
  /** The number of the display, as text. */
  readonly display: string;
  readonly name: string;
  readonly data: Uint8Array;
}

const familyWild = 0xffff; // any host name: that of a sandbox may change, and its cookie must not depend on it
const cookieName = 'MIT-MAGIC-COOKIE-1';

export function cookieEntry(display: number, cookie: Uint8Array): AuthorityEntry {
  return { family: familyWild, address: new Uint8Array(0), display: String(display), name: cookieName, data: cookie };
}

export function encodeAuthority(entries: readonly AuthorityEntry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ family, address, display, name, data }) => [
      word(family),
      ...[address, Buffer.from(display, 'latin1'), Buffer.from(name, 'latin1'), data].flatMap((field) => [
        word(field.length),
        Buffer.from(field),
      ]),
    ]),
  );
}

/** The entries of a file; what follows the first that is cut short is dropped. */
export function decodeAuthority(bytes: Uint8Array): AuthorityEntry[] {
  const view = Buffer.from(bytes);
  const entries: AuthorityEntry[] = [];
  let at = 0;
  const field = (): Buffer | undefined => {
    if (at + 2 > view.length) return undefined;
    const end = at + 2 + view.readUInt16BE(at);
    if (end > view.length) return undefined;
    const value = view.subarray(at + 2, end);
    at = end;
    return value;
  };
  while (at + 2 <= view.length) {
    const family = view.readUInt16BE(at);
    at += 2;
    const [address, display, name, data] = [field(), field(), field(), field()];
    if (address === undefined || display === undefined || name === undefined || data === undefined) break;
    entries.push({ family, address, display: display.toString('latin1'), name: name.toString('latin1'), data });
  }
  return entries;
}

/** Puts the cookie of a display into a file, and keeps the entries of other displays. */
export function writeCookie(
  path: string,
  entry: AuthorityEntry,
  owner: { readonly uid: number; readonly gid: number },
): void {
  const others = decodeAuthority(tryRead(path)).filter(({ display }) => display !== entry.display);
  writeFileAtomically(path, encodeAuthority([entry, ...others]), { mode: 0o600, owner });
}

function tryRead(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array(0); // expected: there is none yet; one that cannot be read is replaced
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
