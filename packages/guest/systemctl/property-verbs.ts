import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isChangeable, parseProperty, PropertyError, removeDropIns, writeProperty } from '../unit/property-file.ts';
import { parseUnitName } from '../unit/unit-name.ts';
import { etcControlDir, etcUnitDir, runControlDir, runUnitDir, vendorUnitDirs } from '../unit/unit-path.ts';
import { failure, success, type Verb, type VerbContext } from './reply.ts';

/** Settings of a unit's group, kept as drop-ins: with --runtime until the sandbox stops. */
export function setProperty({ manager }: VerbContext, verb: Verb): UnitReply {
  const [name = '', ...assignments] = verb.units;
  const unitName = parseUnitName(name);
  if (unitName === undefined) return failure(`Failed to set unit properties on ${name}: Invalid argument\n`);
  try {
    const properties = assignments.map((text) => parseProperty(text, unitName));
    const fixed = properties.find((property) => !isChangeable(property));
    const fail = (why: string) => failure(`Failed to set unit properties on ${name}: ${why}\n`);
    if (fixed !== undefined) return fail(`Cannot set property ${fixed.key}, or unknown property.`);
    const unit = manager.loadFresh(name);
    if (unit === undefined || unit.definition.loadState === 'not-found') return fail(`Unit ${name} not found.`);
    const directory = 'runtime' in verb.options ? runControlDir : etcControlDir;
    for (const property of properties) writeProperty(unit.name, property, directory);
    manager.reload(unit);
    return success('');
  } catch (error) {
    if (!(error instanceof PropertyError)) throw error;
    return failure(`${error.message}\n`);
  }
}

/** systemctl(1), revert: what the package brought counts again. */
export function revert({ manager }: VerbContext, verb: Verb): UnitReply {
  const removed: string[] = [];
  for (const name of verb.units) {
    for (const directory of [etcControlDir, runControlDir, etcUnitDir, runUnitDir])
      removed.push(...removeDropIns(name, directory));
    // Own files that stand before the package's; one that stands alone is nobody's change.
    const isVendored = vendorUnitDirs.some((directory) => existsSync(join(directory, name)));
    for (const path of [etcUnitDir, runUnitDir].map((directory) => join(directory, name))) {
      if (!isVendored || !existsSync(path)) continue;
      rmSync(path, { force: true });
      removed.push(path);
    }
  }
  manager.reloadAll();
  return success('', removed.map((path) => `Removed "${path}".\n`).join(''));
}
