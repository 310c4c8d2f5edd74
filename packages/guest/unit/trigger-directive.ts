import { expandSpecifiers } from './specifier.ts';
import type { TriggerSettings } from './trigger-settings.ts';
import { parseUnitName, type UnitName } from './unit-name.ts';

/** `Unit=` of timers and paths: whatever they start, it is not of their own kind. */
export function triggeredUnit(settings: TriggerSettings, value: string, unit: UnitName): void {
  const name = expandSpecifiers(value, unit);
  const parsed = parseUnitName(name);
  if (parsed === undefined) throw new SyntaxError(`Failed to load unit ${name}, ignoring: Invalid argument`);
  if (parsed.name === unit.name) throw new SyntaxError(`Units cannot trigger themselves, ignoring: ${name}`);
  if (settings.unit !== undefined && settings.unit !== name)
    throw new SyntaxError(`Multiple units to trigger specified, ignoring: ${name}`);
  settings.unit = name;
}

export function count(value: string): number {
  if (!/^\+?\d{1,10}$/.test(value) || Number(value) > 0xffff_ffff)
    throw new SyntaxError(`Failed to parse unsigned value, ignoring: ${value}`);
  return Number(value);
}
