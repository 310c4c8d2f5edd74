import { isGlob, matchesGlob } from '../unit/glob.ts';
import type { UnitManager } from '../unit/unit-manager.ts';
import { mangleUnitName } from '../unit/unit-name-escape.ts';

export interface UnitArguments {
  readonly units: readonly string[];
  /** What is to be said of names that could not be taken as they were. */
  readonly stderr: string;
  /** Why nothing can be done at all. */
  readonly failure: string | undefined;
}

/** Verbs whose words are not names of units, or patterns that they match themselves. */
const wordVerbs = new Set(
  (
    'link set-environment unset-environment import-environment cancel log-level log-target list-units list-unit-files ' +
    'list-jobs list-timers list-sockets set-default isolate'
  ).split(' '),
);
/** Verbs of unit files: a pattern would have to be matched against all that there are. */
const fileVerbs: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['enable', 'disable', 'reenable', 'preset', 'mask', 'unmask', 'revert', 'add-wants', 'add-requires'].map((verb) => [
      verb,
      verb,
    ]),
  ),
  'is-enabled': 'check',
};

/** Words as typed, as the names of units; a pattern stands for what is in memory and matches. */
export function resolveUnits(manager: UnitManager, verb: string, words: readonly string[]): UnitArguments {
  if (wordVerbs.has(verb)) return { units: words, stderr: '', failure: undefined };
  let stderr = '';
  let failure: string | undefined;
  const units = words.flatMap((word, at) => {
    if (verb === 'set-property' && at > 0) return [word];
    if (verb === 'enable' && word.startsWith('/')) return [word];
    if ((verb === 'status' || verb === 'show') && /^\d+$/.test(word)) return [word];
    if (isGlob(word) && fileVerbs[verb] === undefined) {
      if (verb === 'start') stderr += startGlobText;
      return [...manager.loaded()]
        .filter((unit) => unit.definition.loadState !== 'not-found' && matchesGlob(word, unit.name))
        .map((unit) => unit.name);
    }
    if (word === '') {
      failure = 'Failed to mangle name: Invalid argument\nFailed to expand names: Invalid argument\n';
      return [];
    }
    const { name, isEscaped } = mangleUnitName(word);
    if (isGlob(word))
      stderr += `Glob pattern passed to ${fileVerbs[verb]}, but globs are not supported for this.\nInvalid unit name "${word}" escaped as "${unsuffixed(word, name)}".\n`;
    else if (isEscaped)
      stderr += `Invalid unit name "${word}" escaped as "${unsuffixed(word, name)}" (maybe you should use systemd-escape?).\n`;
    return [name];
  });
  return { units, stderr, failure };
}

const startGlobText = `Warning: systemctl start called with a glob pattern.
Hint: unit globs expand to loaded units, so start will usually have no effect.
      Passing --all will also load units which are pulled in by other units.
      See systemctl(1) for more details.
`;

function unsuffixed(word: string, name: string): string {
  return word.endsWith('.service') ? name : name.replace(/\.service$/, '');
}
