import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './directory-index.ts';
import { matchesGlob } from './glob.ts';
import type { UnitName } from './unit-name.ts';
import { templateOf } from './unit-name.ts';

const presetDirectories = ['/etc', '/run', '/usr/local/lib', '/lib', '/usr/lib'].map(
  (root) => `${root}/systemd/system-preset`,
);

/** systemd.preset(5): the first line that names the unit decides; without one it is enabled, which is Debian's policy. */
export function presetOf(unit: UnitName, directories: readonly string[] = presetDirectories): 'enabled' | 'disabled' {
  const template = templateOf(unit);
  for (const { verb, pattern } of presetRules(directories))
    if (matchesGlob(pattern, unit.name) || (template !== undefined && matchesGlob(pattern, template))) return verb;
  return 'enabled';
}

function* presetRules(
  directories: readonly string[],
): Generator<{ readonly verb: 'enabled' | 'disabled'; readonly pattern: string }> {
  const files = new Map<string, string>();
  for (const directory of directories)
    for (const name of namesIn(directory))
      if (name.endsWith('.preset') && !files.has(name)) files.set(name, join(directory, name));
  for (const [, path] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [, verb, pattern] = /^\s*(enable|disable)\s+(\S+)/.exec(line) ?? [];
      if (pattern !== undefined) yield { verb: verb === 'enable' ? 'enabled' : 'disabled', pattern };
    }
  }
}
