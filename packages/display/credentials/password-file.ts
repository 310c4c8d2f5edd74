import { writeFileAtomically } from '@bhatti/sys/atomic-file.ts';
import { tryReadTextSync } from '@bhatti/sys/text-file-sync.ts';

/** One user of the desktop: a line `user:hash:rights` of KasmVNC's password file. */
export interface Credential {
  readonly user: string;
  /** crypt(3) form, `$5$kasm$…`. */
  readonly hash: string;
  readonly rights: Rights;
}

export interface Rights {
  /** See the desktop. */
  readonly read: boolean;
  /** Keyboard, pointer, clipboard, resizing; implies `read`. */
  readonly write: boolean;
  /** The HTTP API. */
  readonly owner: boolean;
}

const maxNameLength = 127; // KasmVNC's limit for names and for hashes
const namePattern = /^[^:\s\p{Cc}]{1,127}$/u;

export function isUserName(name: string): boolean {
  return namePattern.test(name);
}

export function rightsOf(letters: string): Rights {
  const write = letters.includes('w');
  return { read: write || letters.includes('r'), write, owner: letters.includes('o') };
}

/** The users of a password file's text. Lines that are none are skipped: one bad line must not lock everybody out. */
export function parsePasswordFile(text: string): Credential[] {
  return text.split('\n').flatMap((line) => {
    const [user, hash, letters] = line.trim().split(':');
    if (user === undefined || hash === undefined || letters === undefined) return [];
    if (!isUserName(user) || !hash.startsWith('$') || hash.length > maxNameLength) return [];
    return [{ user, hash, rights: rightsOf(letters) }];
  });
}

export function formatPasswordFile(credentials: readonly Credential[]): string {
  return credentials.map(({ user, hash, rights }) => `${user}:${hash}:${lettersOf(rights)}\n`).join('');
}

/** The users in a file; undefined when there is no such file. */
export function tryReadPasswordFile(path: string): Credential[] | undefined {
  const text = tryReadTextSync(path);
  return text === undefined ? undefined : parsePasswordFile(text);
}

export function writePasswordFile(path: string, credentials: readonly Credential[]): void {
  writeFileAtomically(path, formatPasswordFile(credentials), { mode: 0o600 });
}

/** The same login as the users are now; undefined when the user is gone, has another password, or may not look any more. Where no password is needed there is nothing to look up. */
export function credentialNow(then: Credential, credentials: readonly Credential[]): Credential | undefined {
  if (then.user === '') return then;
  const now = credentials.find(({ user, hash }) => user === then.user && hash === then.hash);
  return now?.rights.read === true ? now : undefined;
}

function lettersOf(rights: Rights): string {
  return `${rights.read && !rights.write ? 'r' : ''}${rights.write ? 'w' : ''}${rights.owner ? 'o' : ''}`;
}
