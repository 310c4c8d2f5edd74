import { openAccountDatabase, type Account } from '@bhatti/sys/account.ts';

/** By name or number. */
export function lookUpUser(text: string): Account | undefined {
  return openAccountDatabase().find(text);
}
