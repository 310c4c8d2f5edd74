import { CodedError } from '@bhatti/base/errors.ts';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { UserRow, UserTable } from '../store/users.ts';

/** `bht_` and 64 hexadecimal digits: 256 random bits, so that a fast hash of it is safe to keep, and guessing it needs no further brake. */
export function newApiKey(): string {
  return `bht_${randomBytes(32).toString('hex')}`;
}

export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Whose key came with the request. Looked up by its hash, so that comparing takes no time that depends on the key. Throws UNAUTHENTICATED. */
export function authenticate(headers: IncomingHttpHeaders, users: Pick<UserTable, 'byKeyHash'>): UserRow {
  const key = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (key === undefined)
    throw new CodedError(
      'UNAUTHENTICATED',
      'authorization required',
      {},
      { hint: 'send "Authorization: Bearer bht_…"' },
    );
  const user = users.byKeyHash(hashOfKey(key));
  if (user === undefined) throw new CodedError('UNAUTHENTICATED', 'invalid api key', {});
  return user;
}
