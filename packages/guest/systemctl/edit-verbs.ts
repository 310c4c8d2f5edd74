import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { etcUnitDir, runUnitDir } from '../unit/unit-path.ts';
import { failure, success, type Verb, type VerbContext } from './reply.ts';

/** What `systemctl edit` shows and where it goes: JSON for the program on the other side, which runs the editor as the person who asked. */
export interface EditedFile {
  readonly unit: string;
  readonly path: string;
  /** What is there now, or with --full what the package has. */
  readonly text: string;
  /** The unit as its files have it, for a drop-in to be written against. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export function editFiles({ manager }: VerbContext, verb: Verb): UnitReply {
  const directory = 'runtime' in verb.options ? runUnitDir : etcUnitDir;
  const edited: EditedFile[] = [];
  for (const name of verb.units) {
    const unit = manager.loadFresh(name);
    const { loadState, fragmentPath, dropInPaths = [] } = unit?.definition ?? {};
    if (loadState === 'masked') return failure(`Cannot edit ${name}: unit is masked.\n`);
    if (fragmentPath === undefined && !('force' in verb.options))
      return failure(
        `No files found for ${name}.\nRun 'systemctl edit --force --full ${name}' to create a new unit.\n`,
      );
    const isWhole = 'full' in verb.options;
    const path = isWhole ? join(directory, name) : join(directory, `${name}.d`, 'override.conf');
    const files = [fragmentPath, ...dropInPaths]
      .filter((file) => file !== undefined && file !== path)
      .map((file) => ({ path: file ?? '', text: tryRead(file ?? '') }));
    edited.push({ unit: name, path, text: isWhole ? tryRead(fragmentPath ?? '') : tryRead(path), files });
  }
  return success(JSON.stringify(edited));
}

/** Puts what the editor left in its place. The place is worked out again here: a caller names units and no paths. */
export function editSave({ manager }: VerbContext, verb: Verb): UnitReply {
  const [name = ''] = verb.units;
  const directory = 'runtime' in verb.options ? runUnitDir : etcUnitDir;
  const path = 'full' in verb.options ? join(directory, name) : join(directory, `${name}.d`, 'override.conf');
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, verb.options['text'] ?? '', { mode: 0o644 });
  renameSync(`${path}.new`, path);
  manager.reloadAll();
  return success('');
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: there is none yet
  }
}
