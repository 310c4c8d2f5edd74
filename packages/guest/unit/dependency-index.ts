import { DEPENDENCY_KINDS, type DependencyKind } from './definition.ts';
import type { Unit } from './unit.ts';

/** Who depends on whom, from the other end: for each name and kind of dependency the units whose files say so. */
export class DependencyIndex {
  readonly #byKind = new Map<DependencyKind, Map<string, Set<Unit>>>();
  readonly #listed = new Map<Unit, Unit['definition']['dependencies']>();

  /** Takes up a unit, or what has changed in it. */
  add(unit: Unit): void {
    this.remove(unit);
    this.#listed.set(unit, unit.definition.dependencies);
    for (const kind of DEPENDENCY_KINDS)
      for (const name of unit.definition.dependencies[kind]) this.#unitsOf(kind, name).add(unit);
  }

  remove(unit: Unit): void {
    const listed = this.#listed.get(unit);
    if (listed === undefined) return;
    this.#listed.delete(unit);
    for (const kind of DEPENDENCY_KINDS)
      for (const name of listed[kind]) {
        const units = this.#byKind.get(kind)?.get(name);
        units?.delete(unit);
        if (units?.size === 0) this.#byKind.get(kind)?.delete(name);
      }
  }

  /** Units whose dependencies of one of these kinds name `unit`, by any of its names. */
  dependents(unit: Unit, kinds: readonly DependencyKind[]): Unit[] {
    const found = new Set<Unit>();
    for (const kind of kinds)
      for (const name of unit.definition.names)
        for (const other of this.#byKind.get(kind)?.get(name) ?? []) if (other !== unit) found.add(other);
    return [...found];
  }

  #unitsOf(kind: DependencyKind, name: string): Set<Unit> {
    const names = this.#byKind.get(kind) ?? new Map<string, Set<Unit>>();
    this.#byKind.set(kind, names);
    const units = names.get(name) ?? new Set<Unit>();
    names.set(name, units);
    return units;
  }
}
