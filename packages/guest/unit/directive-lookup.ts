import { conditionDirective, DIRECTIVES, isWithoutEffect, type Directive } from './directive-table.ts';
import { isTriggerKeyWithoutEffect, isTriggerSection, triggerDirective } from './trigger-load.ts';
import type { UnitType } from './unit-name.ts';

/** A directive that has an effect in units of this type. */
export function findDirective(section: string, key: string, type: UnitType): Directive | undefined {
  return (
    DIRECTIVES[section === 'Scope' ? 'Service' : section]?.[key] ??
    triggerDirective(section, key, type) ??
    (section === 'Unit' ? conditionDirective(key) : undefined)
  );
}

/** One that is accepted without effect. A section that nothing is known of takes everything: that its units do not run here is said when one is started. */
export function isIgnoredDirective(section: string, key: string, type: UnitType): boolean {
  if (isWithoutEffect(section, key) || isTriggerKeyWithoutEffect(section, key)) return true;
  return DIRECTIVES[section] === undefined && !isTriggerSection(section, type);
}
