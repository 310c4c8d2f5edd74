import { renameSync, rmSync } from 'node:fs';
import { keptRotations, partPath, type JournalFile } from './layout.ts';

/** Makes room for a new generation 0; the oldest one goes. */
export function rotate(directory: string, file: JournalFile): void {
  for (let generation = keptRotations - 1; generation >= 0; generation -= 1) {
    const older = partPath(directory, file, generation + 1);
    try {
      renameSync(partPath(directory, file, generation), older);
    } catch (error) {
      // There are not that many yet, or it was vacuumed away: then what is older must not be taken for it.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      if (generation === keptRotations - 1) rmSync(older, { force: true });
    }
  }
}
