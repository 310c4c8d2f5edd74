import { dependents } from '../unit/transaction.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import type { UnitManager } from '../unit/unit-manager.ts';

const pulling = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds'] as const;

/** `systemctl list-dependencies`: the tree of what a unit pulls in, or with `reverse` of what pulls it in. Targets are followed, as there. */
export function formatDependencies(manager: UnitManager, name: string, isReverse: boolean): string {
  const root = manager.load(name);
  if (root === undefined) return '';
  const lines = [root.name];
  const seen = new Set<Unit>([root]);
  const walk = (unit: Unit, indent: string) => {
    const next = isReverse ? dependents(manager, unit, pulling) : pulledBy(manager, unit);
    const sorted = next.filter((other) => !seen.has(other)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const [at, other] of sorted.entries()) {
      const isLast = at === sorted.length - 1;
      lines.push(`${dotOf(other)} ${indent}${isLast ? '└─' : '├─'}${other.name}`);
      seen.add(other);
      if (other.definition.type === 'target') walk(other, `${indent}${isLast ? '  ' : '│ '}`);
    }
  };
  walk(root, '');
  return `${lines.join('\n')}\n`;
}

function pulledBy(manager: UnitManager, unit: Unit): Unit[] {
  const names = new Set(pulling.flatMap((kind) => [...unit.definition.dependencies[kind]]));
  return [...names].flatMap((name) => {
    const other = manager.load(name);
    return other === undefined || other.definition.loadState === 'not-found' ? [] : [other];
  });
}

function dotOf(unit: Unit): string {
  const state = activeState(unit);
  if (state === 'failed') return '×';
  return state === 'inactive' ? '○' : '●';
}
