import { randomHex } from '@bhatti/base/ids.ts';

const longestStem = 56; // a label holds 63 characters, of which 7 are the dash and the random part

/** `desk-3f9a1c`: the sandbox's name as far as it fits a host name, and six random digits, so that nobody guesses it from the name alone. */
export function newAlias(name: string): string {
  const stem = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, longestStem)
    .replaceAll(/^-+|-+$/g, '');
  return `${stem === '' ? 'sandbox' : stem}-${randomHex(3)}`;
}
