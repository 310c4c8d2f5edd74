import { boolean, octal, timeSpan } from './directive-value.ts';
import type { Directive } from './directive-table.ts';
import { expandSpecifiers } from './specifier.ts';
import { count, triggeredUnit } from './trigger-directive.ts';
import type { PathKind } from './trigger-settings.ts';

/** [Path] of systemd.path(5). */
export const PATH_DIRECTIVES: Readonly<Record<string, Directive>> = {
  PathExists: watched('PathExists'),
  PathExistsGlob: watched('PathExistsGlob'),
  PathChanged: watched('PathChanged'),
  PathModified: watched('PathModified'),
  DirectoryNotEmpty: watched('DirectoryNotEmpty'),
  MakeDirectory: ({ path }, value) => void (path.makeDirectory = boolean(value)),
  DirectoryMode: ({ path }, value) => void (path.directoryMode = octal(value)),
  TriggerLimitIntervalSec: ({ path }, value) => void (path.triggerLimit.intervalMs = timeSpan(value)),
  TriggerLimitBurst: ({ path }, value) => void (path.triggerLimit.burst = count(value)),
  Unit: (draft, value, unit) => triggeredUnit(draft.path, value, unit),
};

/** An empty value forgets what the others watch, too. */
function watched(kind: PathKind): Directive {
  return ({ path: settings }, value, unit) => {
    if (value === '') return void (settings.paths = []);
    const path = expandSpecifiers(value, unit)
      .replace(/\/+/g, '/')
      .replace(/(.)\/$/, '$1');
    if (!path.startsWith('/')) throw new SyntaxError(`${kind}= path is not absolute, ignoring: ${path}`);
    if (path.split('/').includes('..')) throw new SyntaxError(`${kind}= path is not normalized, ignoring: ${path}`);
    settings.paths.push({ kind, path });
  };
}
