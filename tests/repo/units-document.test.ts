import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findDirective, isIgnoredDirective } from '@bhatti/guest/unit/directive-lookup.ts';
import { DIRECTIVES } from '@bhatti/guest/unit/directive-table.ts';
import { IGNORED_DIRECTIVES } from '@bhatti/guest/unit/ignored-directive-table.ts';
import { SANDBOX_NOTES } from '@bhatti/guest/unit/sandbox-note-table.ts';

import { TRIGGER_DIRECTIVES } from '@bhatti/guest/unit/trigger-load.ts';
import type { UnitType } from '@bhatti/guest/unit/unit-name.ts';

import { renderUnitsDocument } from '../../scripts/units-document.ts';

const sections = readFileSync(join(import.meta.dir, 'systemd-252-directives.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' '));

const working = { ...DIRECTIVES, ...TRIGGER_DIRECTIVES };

describe('the tables of directives', () => {
  test('docs/units.md is what they generate', () => {
    const document = readFileSync(join(import.meta.dir, '..', '..', 'docs', 'units.md'), 'utf8');
    expect(document).toBe(renderUnitsDocument());
  });

  const types: [string, UnitType][] = [
    ['Unit', 'service'],
    ['Service', 'service'],
    ['Install', 'service'],
    ['Timer', 'timer'],
    ['Socket', 'socket'],
    ['Path', 'path'],
  ];
  test.each(types)('know every directive that systemd 252 knows in [%s]', (section, type) => {
    const names = sections.find(([name]) => name === section)?.slice(1) ?? [];
    const unknown = names.filter(
      (name) => findDirective(section, name, type) === undefined && !isIgnoredDirective(section, name, type),
    );
    expect(names.length).toBeGreaterThan(4);
    expect(unknown).toEqual([]);
  });

  test('say of nothing that it both works and does not', () => {
    const both = Object.entries(IGNORED_DIRECTIVES).flatMap(([section, groups]) =>
      groups.flatMap(({ names }) => names.split(' ')).filter((name) => working[section]?.[name] !== undefined),
    );
    expect(both).toEqual([]);
  });

  test('have no note on what does not exist', () => {
    expect(Object.keys(SANDBOX_NOTES).filter((name) => DIRECTIVES['Service']?.[name] === undefined)).toEqual([]);
  });
});
