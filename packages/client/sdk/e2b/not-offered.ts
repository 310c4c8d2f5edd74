import { CodedError } from '@bhatti/base/errors.ts';

/** What E2B has and this has not. Never left out in silence: a script that was moved must not believe in it. */
export function notOffered(what: string, hint: string): CodedError<'HOST_UNSUPPORTED'> {
  return new CodedError('HOST_UNSUPPORTED', `${what} is not offered here`, { needs: what }, { hint });
}
