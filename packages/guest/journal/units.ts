import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { readdirSync } from 'node:fs';

/** The units that have a journal, and what stands in for none. */
export function journalUnits(root = guestJournalDir): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch {
    return []; // expected: nothing was ever written
  }
}
