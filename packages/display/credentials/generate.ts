import { hashPassword } from '@bhatti/sys/crypt.ts';
import { writeFileAtomically } from '@bhatti/sys/atomic-file.ts';
import { desktopUser } from '@bhatti/wire/guest-paths.ts';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { rightsOf, tryReadPasswordFile, writePasswordFile } from './password-file.ts';

// Without I, O, l, o, 0 and 1, which people mistake for each other when they read a password aloud: 56 letters, 5.8 bits each.
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
const passwordLength = 16;

/** Salt of every hash, as KasmVNC's tool and server have it. */
export const kasmSalt = '$5$kasm$';

/**
 * Makes the desktop's credentials where there are none: hash and clear text. Returns whether it made some. The clear text is written first, since the hash file is what says that credentials
 * exist: a crash in between makes new ones, and never a hash whose password nobody knows.
 */
export function ensureCredentials(paths: { readonly passwordFile: string; readonly cleartextFile: string }): boolean {
  const present = tryReadPasswordFile(paths.passwordFile);
  if (present !== undefined && present.length > 0) return false;
  const password = generatePassword();
  mkdirSync(dirname(paths.cleartextFile), { recursive: true, mode: 0o700 });
  writeFileAtomically(paths.cleartextFile, `username: ${desktopUser}\npassword: ${password}\n`, { mode: 0o600 });
  writePasswordFile(paths.passwordFile, [
    { user: desktopUser, hash: hashPassword(password, kasmSalt), rights: rightsOf('wo') },
  ]);
  return true;
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
