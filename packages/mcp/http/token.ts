import { randomHex } from '@bhatti/base/ids.ts';
import { CodedError } from '@bhatti/base/errors.ts';

const minTokenLength = 16; // shorter ones can be guessed; nothing here counts attempts

/** The token that was given, or a new one. An empty one is refused: it must not mean that none is needed. */
export function tokenFrom(given: string | undefined): string {
  if (given === undefined) return randomHex(32);
  if (given.length >= minTokenLength && /^[\x21-\x7e]+$/.test(given)) return given;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid token for --http: it must have at least ${minTokenLength} characters, without spaces`,
    { argument: '--http-token' },
    { hint: 'leave it out to have one generated' },
  );
}
