import { readFileSync, statSync } from 'node:fs';
import { keptRotations, partPath, type JournalEvent } from './layout.ts';

/** Where reading of events.log goes on. */
export interface EventsCursor {
  readonly inode: number;
  readonly offset: number;
}

/** Everything that was said about a unit, oldest first. At most a few MB, since the file is rotated. */
export function allEvents(directory: string): { events: JournalEvent[]; cursor: EventsCursor } {
  const events: JournalEvent[] = [];
  for (let generation = keptRotations; generation > 0; generation -= 1)
    events.push(...parse(tryRead(partPath(directory, 'events.log', generation))));
  const path = partPath(directory, 'events.log', 0);
  const inode = statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
  const current = tryRead(path);
  return { events: [...events, ...parse(current)], cursor: { inode, offset: current.length } };
}

/** What came after a cursor. */
export function eventsAfter(directory: string, cursor: EventsCursor): { events: JournalEvent[]; cursor: EventsCursor } {
  const path = partPath(directory, 'events.log', 0);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (stat.ino === cursor.inode && stat.size === cursor.offset)) return { events: [], cursor };
  const current = tryRead(path);
  const isSame = stat.ino === cursor.inode;
  const before = isSame ? Buffer.alloc(0) : tryRead(partPath(directory, 'events.log', 1)).subarray(cursor.offset);
  const text = Buffer.concat([before, isSame ? current.subarray(cursor.offset) : current]);
  return { events: parse(text), cursor: { inode: stat.ino, offset: current.length } };
}

function parse(bytes: Uint8Array): JournalEvent[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      try {
        // SAFETY: written by journal.ts of this or an earlier boot; a line that a crash cut is no JSON and is left out.
        return [JSON.parse(line) as JournalEvent];
      } catch {
        return []; // expected: cut by a crash
      }
    });
}

function tryRead(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // expected: nothing was said yet
  }
}
