import type { Account, AccountDatabase } from '@bhatti/sys/account.ts';
import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import { createHash } from 'node:crypto';
import { claimDynamicUid } from './dynamic-user.ts';
import type { ServiceSettings } from './definition.ts';
import { StepError } from './step-error.ts';
import { parseUnitName } from './unit-name.ts';

/** Who a service's process is. */
export interface UnitIdentity {
  /** Undefined without `User=`: root, and nothing said of it in the environment. */
  readonly account: Account | undefined;
  readonly credentials: Credentials;
}

export const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

export function unitIdentity(accounts: AccountDatabase, unit: string, settings: ServiceSettings): UnitIdentity {
  const account = settings.exec.sandboxing.dynamicUser
    ? dynamicAccount(accounts, unit, settings)
    : staticAccount(accounts, settings.user);
  const group = settings.group === undefined ? undefined : groupId(accounts, settings.group);
  const extra = settings.supplementaryGroups.map((name) => groupId(accounts, name));
  if (account === undefined && group === undefined && extra.length === 0) return { account, credentials: ROOT };
  const gid = group ?? account?.gid ?? 0;
  // With `Group=` the account's own first group is none of the process's (systemd.exec(5), Group=).
  const own = (account?.groups ?? []).filter((id) => group === undefined || id !== account?.gid);
  return { account, credentials: { uid: account?.uid ?? 0, gid, groups: [...new Set([gid, ...own, ...extra])] } };
}

function staticAccount(accounts: AccountDatabase, user: string | undefined): Account | undefined {
  if (user === undefined) return undefined;
  const account = accounts.findListed(user);
  if (account === undefined) throw new StepError(217, 'Failed to determine user credentials', 'No such process');
  return account;
}

/** An account of that name, if there is one, else one that exists as a number only (systemd.exec(5), DynamicUser=). */
function dynamicAccount(accounts: AccountDatabase, unit: string, settings: ServiceSettings): Account {
  const prefix = parseUnitName(unit)?.prefix ?? unit;
  const name =
    settings.user ??
    (/^[a-z_][a-z0-9_-]{0,30}$/.test(prefix)
      ? prefix
      : `_du${createHash('sha256').update(prefix).digest('hex').slice(0, 16)}`);
  const listed = accounts.findListed(name);
  if (listed !== undefined) return listed;
  const uid = claimDynamicUid(accounts, unit, name);
  if (uid === undefined)
    throw new StepError(217, 'Failed to update dynamic user credentials', 'Device or resource busy');
  return { name, uid, gid: uid, home: '/', shell: '/usr/sbin/nologin', groups: [uid] };
}

function groupId(accounts: AccountDatabase, name: string): number {
  const group = accounts.findListedGroup(name);
  if (group === undefined) throw new StepError(216, 'Failed to determine group credentials', 'No such process');
  return group.gid;
}
