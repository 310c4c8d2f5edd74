import type { AccountDatabase } from '@bhatti/sys/account.ts';
import { guestRunDir } from '@bhatti/wire/guest-paths.ts';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// systemd's own range for dynamic users (systemd.io, "Users, Groups, UIDs and GIDs"): nothing else hands these out.
const first = 61_184;
const last = 65_519;
const directory = join(guestRunDir, 'dynamic-users');

/**
 * A uid that is this unit's until it is released: the one that its name leads to, or the next one that nobody has, so that a unit finds its state directory as its own again. Undefined when all are taken.
 * Claims are files, so that they outlive lohar.
 */
export function claimDynamicUid(accounts: AccountDatabase, unit: string, name: string): number | undefined {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const size = last - first + 1;
  const start = createHash('sha256').update(name).digest().readUInt32LE(0) % size;
  for (let step = 0; step < size; step += 1) {
    const uid = first + ((start + step) % size);
    if (accounts.findListed(String(uid)) !== undefined) continue;
    if (claim(uid, unit)) return uid;
  }
  return undefined;
}

export function releaseDynamicUid(unit: string): void {
  for (const file of claims()) if (ownerOf(file) === unit) rmSync(join(directory, file), { force: true });
}

function claim(uid: number, unit: string): boolean {
  const file = String(uid);
  try {
    writeFileSync(join(directory, file), unit, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const owner = ownerOf(file);
    // Empty: a lohar was killed between making it and writing into it.
    if (owner === '') writeFileSync(join(directory, file), unit);
    return owner === unit || owner === '';
  }
}

function claims(): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // expected: no unit ever had one
  }
}

function ownerOf(file: string): string | undefined {
  try {
    return readFileSync(join(directory, file), 'utf8');
  } catch {
    return undefined; // expected: released meanwhile
  }
}
