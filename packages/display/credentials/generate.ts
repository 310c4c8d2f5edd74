import { hashPassword } from '@bhatti/sys/crypt.ts';
import { writeFileAtomically } from '@bhatti/sys/atomic-file.ts';
import { desktopUser } from '@bhatti/wire/guest-paths.ts';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { rightsOf, tryReadPasswordFile, writePasswordFile } from './password-file.ts';

// Without I, O, l, o, 0 and 1, which people mistake for each other when they read a password aloud: 56 letters, 5.8 bits each.
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
const passwordLength = 16;

/** Salt of every hash, as KasmVNC's tool and server have it. */
export const kasmSalt = '$5$kasm$';

export interface CredentialFiles {
  readonly passwordFile: string;
  readonly cleartextFile: string;
}

/** Makes credentials where there is no user at all, so that a desktop is never without. Returns whether it made some. */
export function ensureCredentials(files: CredentialFiles): boolean {
  const present = tryReadPasswordFile(files.passwordFile) ?? [];
  if (present.length > 0) return false;
  renewCredentials(files);
  return true;
}

/** The same, and also where the clear text is missing, without which nobody can be told the password. For people who ask for it; by itself that may be meant. */
export function ensureKnownCredentials(files: CredentialFiles): boolean {
  if (existsSync(files.cleartextFile)) return ensureCredentials(files);
  renewCredentials(files);
  return true;
}

/**
 * Gives the desktop's own user a new password; other users keep theirs. The clear text is written first, since the hash file is what says that credentials exist: a crash in between makes new ones, and never a
 * hash whose password nobody knows.
 */
function renewCredentials(files: CredentialFiles): void {
  const password = generatePassword();
  mkdirSync(dirname(files.cleartextFile), { recursive: true, mode: 0o700 });
  writeFileAtomically(files.cleartextFile, `username: ${desktopUser}\npassword: ${password}\n`, { mode: 0o600 });
  const others = (tryReadPasswordFile(files.passwordFile) ?? []).filter(({ user }) => user !== desktopUser);
  const own = { user: desktopUser, hash: hashPassword(password, kasmSalt), rights: rightsOf('wo') };
  writePasswordFile(files.passwordFile, [own, ...others]);
}

export function generatePassword(): string {
  const letters: string[] = [];
  while (letters.length < passwordLength) {
    // Bytes of 224 and more are thrown away: 224 is the largest multiple of 56 below 256, so every letter stays equally likely.
    for (const byte of crypto.getRandomValues(new Uint8Array(passwordLength))) {
      const letter = byte < 256 - (256 % alphabet.length) ? alphabet[byte % alphabet.length] : undefined;
      if (letter !== undefined && letters.length < passwordLength) letters.push(letter);
    }
  }
  return letters.join('');
}
