import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newUnitDraft } from './definition.ts';
import { findDirective, isIgnoredDirective } from './directive-lookup.ts';
import type { UnitName } from './unit-name.ts';

/** Why a property cannot be set; the message is systemctl's. */
export class PropertyError extends Error {}

export interface Property {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

// What can be changed while a unit runs is what belongs to its group, and its description (systemctl(1), set-property).
const changeable =
  /^(Description|CollectMode|CPU(Accounting|Weight|Quota|QuotaPeriodSec|Shares)|StartupCPU(Weight|Shares)|Allowed(CPUs|MemoryNodes)|StartupAllowed\w+|Memory(Accounting|Min|Low|High|Max|SwapMax|Limit)|DefaultMemory(Low|Min)|Tasks(Accounting|Max)|(Startup)?(Block)?IO\w+|Device(Allow|Policy)|IPAccounting|IPAddress(Allow|Deny)|ManagedOOM\w+)$/;

/** `Key=value` of a command line, as an assignment in the section that knows it. Throws a PropertyError for what no unit of this type has. */
export function parseProperty(text: string, unit: UnitName): Property {
  const equals = text.indexOf('=');
  if (equals === -1) throw new PropertyError(`Not an assignment: ${text}`);
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  const own = `${unit.type.charAt(0).toUpperCase()}${unit.type.slice(1)}`;
  // A scope has the settings of a service that concern its group.
  const sections = own === 'Scope' ? ['Service', 'Unit'] : [own, 'Unit'];
  const section = sections.find(
    (candidate) =>
      findDirective(candidate, key, unit.type) !== undefined || isIgnoredDirective(candidate, key, unit.type),
  );
  if (section === undefined || /[\n\r]/.test(text)) throw new PropertyError(`Unknown assignment: ${text}`);
  try {
    findDirective(section, key, unit.type)?.(newUnitDraft(), value, unit);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PropertyError(`Failed to parse ${key}= property: ${value}`, { cause: error });
  }
  return { section: section === 'Service' ? own : section, key, value };
}

export function isChangeable(property: Property): boolean {
  return changeable.test(property.key);
}

/** Keeps a property as a drop-in of its own; the last one set counts. */
export function writeProperty(unit: string, property: Property, directory: string): void {
  const folder = join(directory, `${unit}.d`);
  const path = join(folder, `50-${property.key}.conf`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const text = `# This is a drop-in unit file extension, created via "systemctl set-property"
# or an equivalent operation. Do not edit.
[${property.section}]
${property.key}=${property.value}
`;
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Takes away what was changed of a unit below a directory: its drop-ins, and then the folder. Answers the paths. */
export function removeDropIns(unit: string, directory: string): string[] {
  const folder = join(directory, `${unit}.d`);
  const files = tryList(folder).map((name) => join(folder, name));
  if (files.length === 0) return [];
  rmSync(folder, { recursive: true, force: true });
  return [...files, folder];
}

function tryList(path: string): string[] {
  try {
    return readdirSync(path).toSorted();
  } catch {
    return []; // expected: there is none
  }
}
