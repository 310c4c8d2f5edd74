import { FILE_EVENTS, openFileWatch, type FileEvent, type FileWatch } from '@bhatti/sys/file-watch.ts';
import { globSync, lstatSync, readdirSync, statSync } from 'node:fs';
import type { EventThread } from '../event-thread/event-thread.ts';
import { ReadableFd } from './readable.ts';
import type { PathKind, PathSpec } from './trigger-settings.ts';

const { modified, attributes, writtenAndClosed, movedFrom, movedTo, created, deleted, selfDeleted, selfMoved } =
  FILE_EVENTS;
/** On the way to a path: whether the next part of it comes, goes or becomes accessible. */
const onTheWay = attributes | created | deleted | movedFrom | movedTo | selfDeleted | selfMoved;
const change = attributes | writtenAndClosed | created | deleted | movedFrom | movedTo | selfDeleted | selfMoved;
const atTheEnd: Readonly<Record<PathKind, number>> = {
  PathExists: attributes | selfDeleted | selfMoved,
  PathExistsGlob: attributes | selfDeleted | selfMoved,
  PathChanged: change,
  PathModified: change | modified,
  DirectoryNotEmpty: attributes | created | movedTo | selfDeleted | selfMoved,
};

interface Station {
  readonly spec: PathSpec;
  /** The part of the path that comes next; undefined at its end. */
  readonly next: string | undefined;
  readonly mask: number;
}

/**
 * Watches paths by inotify(7), with every directory that leads to them: what is not there yet is seen when it comes. Says which paths something happened to; whether that is what somebody waits for is
 * for `isFulfilled` and `stampOf` to say.
 */
export class PathWatch {
  readonly #files: FileWatch;
  readonly #readable: ReadableFd;
  readonly #specs: readonly PathSpec[];
  readonly #onStirred: (changed: readonly PathSpec[]) => void;
  #stations = new Map<number, Station[]>();

  constructor(thread: EventThread, specs: readonly PathSpec[], onStirred: (changed: readonly PathSpec[]) => void) {
    this.#files = openFileWatch();
    this.#specs = specs;
    this.#onStirred = onStirred;
    this.#readable = new ReadableFd(thread, this.#files.descriptor, () => this.#hear());
    this.#place();
    this.#readable.arm();
  }

  close(): void {
    this.#readable.close();
  }

  #hear(): void {
    const events = this.#files.read();
    const concerned = events.flatMap((event) => this.#concernedBy(event));
    const isOverflow = events.some(({ watch }) => watch === -1);
    if (concerned.length > 0 || isOverflow) {
      // What is on the way may have become another directory.
      this.#place();
      // Of a path that is watched for changes, an event at its end is one.
      const changed = concerned.flatMap(({ spec, next }) => (next === undefined ? [spec] : []));
      this.#onStirred(isOverflow ? this.#specs : changed);
    }
    this.#readable.arm();
  }

  #concernedBy({ watch, mask, name }: FileEvent): Station[] {
    return (this.#stations.get(watch) ?? []).filter(
      (station) =>
        (mask & station.mask) !== 0 &&
        (station.next === undefined || name === '' || name === station.next || hasWildcard(station.next)),
    );
  }

  #place(): void {
    const before = this.#stations;
    this.#stations = new Map();
    for (const spec of this.#specs) {
      const parts = spec.path.split('/').filter((part) => part !== '');
      for (let at = 0; at <= parts.length; at += 1) {
        const isEnd = at === parts.length;
        const mask = isEnd ? atTheEnd[spec.kind] : onTheWay;
        const watch = this.#files.add(`/${parts.slice(0, at).join('/')}`, mask);
        if (watch === undefined) break;
        this.#stations.set(watch, [...(this.#stations.get(watch) ?? []), { spec, next: parts[at], mask }]);
      }
    }
    for (const watch of before.keys()) if (!this.#stations.has(watch)) this.#files.remove(watch);
  }
}

function hasWildcard(part: string): boolean {
  return /[*?[]/.test(part);
}

/** Whether what a path waits for is so. Of those that wait for changes: whether the path is there. */
export function isFulfilled({ kind, path }: PathSpec): boolean {
  switch (kind) {
    case 'PathExists':
    case 'PathChanged':
    case 'PathModified':
      return statOf(path) !== undefined;
    case 'PathExistsGlob':
      return globSync(path).length > 0;
    case 'DirectoryNotEmpty':
      return visibleEntries(path) > 0;
  }
}

/** Differs when a path has changed while nobody watched it. */
export function stampOf({ path }: PathSpec): string {
  const stat = statOf(path);
  return stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // expected: ENOTDIR, ELOOP
  }
}

/** Hidden files and what editors leave behind do not count. */
function visibleEntries(path: string): number {
  try {
    if (!lstatSync(path).isDirectory() && !statSync(path).isDirectory()) return 0;
    return readdirSync(path).filter((name) => !name.startsWith('.') && !name.endsWith('~')).length;
  } catch {
    return 0; // expected: it is none
  }
}
