import { CodedError } from '@bhatti/base/errors.ts';
import { existsSync, linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './record.ts';

/** 65536 host ids that belong to one running sandbox and nobody else. */
export interface UidRange {
  /** Host id of root inside. */
  readonly first: number;
}

export const rangeSize = 65_536;

// Above what distributions give to users and to systemd-nspawn (524288 to 1879048191), below systemd's foreign range (from 2147352576).
const firstUid = 1_879_048_192;
const rangeCount = 4_094;

// One directory for the whole host, since ids are the host's: daemons of several instances share it. A reboot clears it, as it ends every sandbox.
const claimsDir = '/run/bhatti-uids';

/**
 * Claims a range until releaseUidRange. Each claim is a file that appears whole (by link(2)) and names the holder's runtime directory: a claim
 * whose directory is gone is free again, whoever crashed.
 */
export function claimUidRange(bundle: string): UidRange {
  mkdirSync(claimsDir, { recursive: true, mode: 0o700 });
  const mine = findClaim(bundle);
  if (mine !== undefined) return mine;
  const draft = join(claimsDir, `.${process.pid}-${crypto.randomUUID()}`);
  writeFileSync(draft, bundle);
  try {
    for (let slot = 0; slot < rangeCount; slot++) {
      if (tryClaim(draft, join(claimsDir, String(slot)))) return { first: firstUid + slot * rangeSize };
    }
  } finally {
    unlinkSync(draft);
  }
  throw new CodedError('HOST_FULL', `cannot start another sandbox: ${rangeCount} run on this host`, {
    what: 'user ids',
  });
}

export function releaseUidRange(bundle: string): void {
  for (const name of namesIn(claimsDir)) {
    const claim = join(claimsDir, name);
    if (!name.startsWith('.') && holderOf(claim) === bundle) rmSync(claim, { force: true });
  }
}

/** Removes the directory of claims when nobody on the host holds one. */
export function removeClaims(): void {
  try {
    rmdirSync(claimsDir);
  } catch (error) {
    // Expected: another daemon's sandboxes run, or it was never made.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'ENOENT')))
      throw error;
  }
}

/** The range that this sandbox holds. */
function findClaim(bundle: string): UidRange | undefined {
  const name = namesIn(claimsDir).find(
    (entry) => !entry.startsWith('.') && holderOf(join(claimsDir, entry)) === bundle,
  );
  return name === undefined ? undefined : { first: firstUid + Number(name) * rangeSize };
}

function tryClaim(draft: string, claim: string): boolean {
  try {
    linkSync(draft, claim);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const holder = holderOf(claim);
  if (holder === undefined || existsSync(holder)) return false;
  rmSync(claim, { force: true });
  return false; // another daemon may be taking it this moment; the next slot is as good
}

function holderOf(claim: string): string | undefined {
  try {
    return readFileSync(claim, 'utf8');
  } catch {
    return undefined; // expected: released between the two looks
  }
}
