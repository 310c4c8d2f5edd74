import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const bases = ['/tmp', '/var/tmp'];

/** What a unit with `PrivateTmp=` has at /tmp and /var/tmp: made at its first command, the same for all of them, gone with its run. */
export function privateTmpDirectories(unit: string): { readonly source: string; readonly destination: string }[] {
  return bases.map((base) => ({ source: findOrMake(base, unit), destination: base }));
}

export function removePrivateTmp(unit: string): void {
  for (const base of bases)
    for (const name of ownNames(base, unit)) rmSync(join(base, name), { recursive: true, force: true });
}

function findOrMake(base: string, unit: string): string {
  const known = ownNames(base, unit)[0];
  const directory = known === undefined ? mkdtempSync(join(base, prefixOf(unit))) : join(base, known);
  const inside = join(directory, 'tmp');
  mkdirSync(inside, { recursive: true });
  chmodSync(inside, 0o1777);
  return inside;
}

/** Anybody may make directories here: only root's are the unit's. */
function ownNames(base: string, unit: string): string[] {
  const prefix = prefixOf(unit);
  return readdirSync(base).filter((name) => {
    if (!name.startsWith(prefix) || !/^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length))) return false;
    const stat = lstatSync(join(base, name), { throwIfNoEntry: false });
    return stat?.isDirectory() === true && stat.uid === 0;
  });
}

/** As systemd calls them, so that what cleans /tmp up knows them. */
function prefixOf(unit: string): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
  return `systemd-private-${boot}-${unit}-`;
}
