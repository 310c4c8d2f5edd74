import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UnitDefinition } from './definition.ts';
import { transientUnitDir } from './unit-path.ts';

/** A unit that a program made (systemd-run(1)): its file lives as long as the unit does. */
export function isTransient({ fragmentPath }: Pick<UnitDefinition, 'fragmentPath'>): boolean {
  return fragmentPath !== undefined && dirname(fragmentPath) === transientUnitDir;
}

export function writeTransient(name: string, text: string): void {
  mkdirSync(transientUnitDir, { recursive: true, mode: 0o755 });
  writeFileSync(
    join(transientUnitDir, name),
    `# This is a transient unit file, created programmatically via the systemd API. Do not edit.\n${text}`,
  );
}

export function removeTransient(name: string): void {
  rmSync(join(transientUnitDir, name), { force: true });
  rmSync(join(transientUnitDir, `${name}.d`), { force: true, recursive: true });
}

/** Whether a timer that was made with it may start it again. */
export function hasTransientTimer(unit: string): boolean {
  return existsSync(join(transientUnitDir, unit.replace(/\.service$/, '.timer')));
}
