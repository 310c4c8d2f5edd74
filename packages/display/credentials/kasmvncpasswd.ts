import { CodedError, describe } from '@bhatti/base/errors.ts';
import { hashPassword } from '@bhatti/sys/crypt.ts';
import { readSecretLine } from '@bhatti/sys/terminal/read-secret.ts';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { kasmSalt } from './generate.ts';
import { type Credential, isUserName, rightsOf, tryReadPasswordFile, writePasswordFile } from './password-file.ts';

const usageText = `usage: kasmvncpasswd -u USER [-r] [-w] [-o] [-n] [-d] [FILE]

Adds or changes a user of the desktop. The password is asked twice, or read as two lines from standard input.
  -u USER  the user
  -r       may see the desktop
  -w       may use keyboard, pointer and clipboard, and resize; implies -r
  -o       may use the HTTP API
  -n       change the rights only, keep the password
  -d       delete the user
  FILE     default ~/.kasmpasswd
`;

interface Request {
  readonly user: string;
  readonly letters: string;
  readonly action: 'set' | 'rights' | 'delete' | 'help';
  readonly file: string;
}

const minPasswordLength = 6; // KasmVNC's

/** `kasmvncpasswd`: edits the password file. A running desktop follows the file at once. */
export function main(args: readonly string[]): number {
  try {
    const request = parse(args);
    if (request.action === 'help') console.log(usageText);
    else apply(request);
    return 0;
  } catch (error) {
    console.error(`error: ${describe(error)}`);
    return error instanceof CodedError ? error.spec.exit : 1;
  }
}

function parse(args: readonly string[]): Request {
  let user: string | undefined;
  let letters = '';
  let action: Request['action'] = 'set';
  let file: string | undefined;
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--help' || word === '-help') return { user: '', letters: '', action: 'help', file: '' };
    if (!word.startsWith('-')) {
      if (file !== undefined) throw usage(`unexpected "${word}"`);
      file = word;
      continue;
    }
    // Letters may be joined, as in -wo; -u takes the rest of its word or the next one.
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] ?? '';
      if (letter === 'u') {
        user = word.slice(i + 1) || words.shift();
        break;
      }
      if (letter === 'n') action = 'rights';
      else if (letter === 'd') action = 'delete';
      else if (letter === 'h') return { user: '', letters: '', action: 'help', file: '' };
      else if ('rwo'.includes(letter)) letters += letter;
      else throw usage(`unknown flag "-${letter}"`);
    }
  }
  if (user === undefined) throw usage('a user is needed: -u USER');
  if (!isUserName(user)) throw usage(`cannot use user "${user}": 1 to 127 characters, no ":" and no blanks`);
  return { user, letters, action, file: file ?? join(homedir(), '.kasmpasswd') };
}

function apply({ user, letters, action, file }: Request): void {
  const present = tryReadPasswordFile(file) ?? [];
  const old = present.find((credential) => credential.user === user);
  if (action !== 'set' && old === undefined) {
    throw new CodedError('NOT_FOUND', `cannot change user "${user}": "${file}" has no such user`, { path: file });
  }
  const others = present.filter((credential) => credential !== old);
  if (action === 'delete') return writePasswordFile(file, others);
  const hash = action === 'rights' && old !== undefined ? old.hash : hashPassword(askPassword(), kasmSalt);
  const changed: Credential = { user, hash, rights: rightsOf(letters) };
  // The user keeps its place in the file.
  writePasswordFile(
    file,
    old === undefined ? [...present, changed] : present.map((one) => (one === old ? changed : one)),
  );
}

function askPassword(): string {
  const password = readSecretLine('Password: ');
  if (password === undefined) throw usage('no password was given');
  if (password.length < minPasswordLength) throw usage(`the password needs at least ${minPasswordLength} characters`);
  if (readSecretLine('Verify: ') !== password) throw usage('the passwords differ');
  return password;
}

function usage(message: string): CodedError<'USAGE'> {
  return new CodedError('USAGE', message, { command: 'kasmvncpasswd' }, { hint: 'kasmvncpasswd -help' });
}
