import { dependents } from '../unit/transaction.ts';
import type { Unit } from '../unit/unit.ts';
import type { UnitManager } from '../unit/unit-manager.ts';
import { dotOf } from './status.ts';

/** What a unit pulls in, what pulls it in, what starts before it, what after. */
export type DependencyView = 'forward' | 'reverse' | 'before' | 'after';

export interface DependencySettings {
  readonly view: DependencyView;
  /** Follow every unit, not targets only. */
  readonly isAll: boolean;
  /** A list and no tree. */
  readonly isPlain: boolean;
}

const pulling = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds'] as const;

/** `systemctl list-dependencies`: a tree for each unit. */
export function formatDependencies(
  manager: UnitManager,
  names: readonly string[],
  settings: DependencySettings,
): string {
  const followed = new Set<Unit>();
  const trees = names.flatMap((name) => {
    const root = manager.load(name);
    return root === undefined ? [] : [[name, ...branches(manager, root, settings, { indent: '', followed })]];
  });
  return trees.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

interface Place {
  readonly indent: string;
  /** In a tree those on the way to here, in a list all that have been followed. */
  readonly followed: Set<Unit>;
}

function branches(manager: UnitManager, unit: Unit, settings: DependencySettings, place: Place): string[] {
  const { followed, indent } = place;
  followed.add(unit);
  const sorted = neighbours(manager, unit, settings.view).toSorted(targetsLast);
  const others = sorted.filter((other) => !followed.has(other));
  const isCircle = !settings.isPlain && others.length < sorted.length;
  const lines = others.flatMap((other, at) => {
    const isLast = at === others.length - 1;
    const isFollowed = settings.isAll || other.definition.type === 'target';
    const rest = isFollowed
      ? branches(manager, other, settings, { indent: `${indent}${isLast ? '  ' : '│ '}`, followed })
      : [];
    if (settings.isPlain) return [`  ${other.name}`, ...rest];
    return [`${dotOf(other)} ${indent}${isLast && !isCircle ? '└─' : '├─'}${other.name}`, ...rest];
  });
  if (!settings.isPlain) followed.delete(unit);
  return isCircle ? [...lines, `  ${indent}└─...`] : lines;
}

function neighbours(manager: UnitManager, unit: Unit, view: DependencyView): Unit[] {
  const { dependencies } = unit.definition;
  switch (view) {
    case 'forward':
      return distinct([
        ...pulling.flatMap((kind) => named(manager, dependencies[kind])),
        ...dependents(manager, unit, ['PartOf']),
      ]);
    case 'reverse':
      return distinct([...dependents(manager, unit, pulling), ...named(manager, dependencies.PartOf)]);
    case 'before':
      return distinct([...named(manager, dependencies.Before), ...dependents(manager, unit, ['After'])]);
    case 'after':
      return distinct([...named(manager, dependencies.After), ...dependents(manager, unit, ['Before'])]);
  }
}

function named(manager: UnitManager, names: ReadonlySet<string>): Unit[] {
  return [...names].flatMap((name) => manager.load(name) ?? []);
}

function distinct(units: readonly Unit[]): Unit[] {
  return [...new Set(units)];
}

function targetsLast(a: Unit, b: Unit): number {
  const [isTargetA, isTargetB] = [a, b].map((unit) => unit.definition.type === 'target');
  if (isTargetA !== isTargetB) return isTargetA === true ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
