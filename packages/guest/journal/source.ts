import type { JournalEntry } from './entry.ts';
import { generationsOf, type Generations } from './generations.ts';
import type { FileLine, LineFile, LineRule } from './line-file.ts';
import type { JournalFile } from './layout.ts';

const clockTickUs = 1_000_000; // files' times are some milliseconds behind the clock: more than any tick of a kernel

/** Where reading goes on: a file by its inode, and the byte after the last line that was read. */
export interface Place {
  readonly inode: number;
  readonly offset: number;
}

/** One file of the journal as it stands open. */
export interface Segment extends Disposable {
  readonly file: LineFile;
  /** The byte after the last one that may be read. */
  readonly end: number;
  /** Where the first line begins that may be as late as this. */
  startOf(timeUs: number): number;
  /** Where the last line ends that may be as early as this. */
  endOf(timeUs: number): number;
  /** Undefined for a line that is no entry. */
  entry(line: FileLine): JournalEntry | undefined;
}

/** One sequence of entries in the order of time: a file and those it was rotated into. */
export class Source {
  readonly #files: Generations;
  readonly #open: (opened: { readonly file: LineFile; readonly generation: number }) => Segment;

  constructor(
    at: { readonly directory: string; readonly name: JournalFile; readonly rule: LineRule },
    open: (opened: { readonly file: LineFile; readonly generation: number }) => Segment,
  ) {
    this.#files = generationsOf(at.directory, at.name, at.rule);
    this.#open = open;
  }

  *forward(sinceUs: number): Generator<JournalEntry> {
    for (const inode of this.#files.inodes()) {
      using segment = this.#openInode(inode);
      if (segment === undefined || segment.file.modifiedUs + clockTickUs < sinceUs) continue;
      for (const line of segment.file.forward(segment.startOf(sinceUs), segment.end)) {
        const entry = segment.entry(line);
        if (entry !== undefined && entry.timeUs >= sinceUs) yield entry;
      }
    }
  }

  /** From the newest one on, or from a place; inode 0 is the place before all. */
  *backward(untilUs: number, place?: Place): Generator<JournalEntry> {
    const inodes = place?.inode === 0 ? [] : this.#files.inodes().toReversed();
    for (const inode of inodes.slice(place === undefined ? 0 : Math.max(0, inodes.indexOf(place.inode)))) {
      using segment = this.#openInode(inode);
      if (segment === undefined) continue;
      const end = inode === place?.inode ? place.offset : segment.endOf(untilUs);
      for (const line of segment.file.backward(end)) {
        const entry = segment.entry(line);
        if (entry !== undefined && entry.timeUs <= untilUs) yield entry;
      }
    }
  }

  /** After the last line that has its end. */
  place(): Place {
    const inode = this.#files.inodes().at(-1) ?? 0;
    using segment = this.#openInode(inode);
    if (segment === undefined) return { inode: 0, offset: 0 };
    const last = segment.file.backward(segment.end).next().value;
    return { inode, offset: last === undefined || last.isWhole ? segment.end : last.offset };
  }

  /** What came after a place, and where to go on. */
  after(place: Place): { entries: JournalEntry[]; place: Place } {
    const inodes = this.#files.inodes();
    const entries: JournalEntry[] = [];
    let next = place;
    for (const inode of inodes.slice(Math.max(0, inodes.indexOf(place.inode)))) {
      using segment = this.#openInode(inode);
      if (segment === undefined) continue;
      const from = inode === place.inode ? place.offset : 0;
      next = { inode, offset: from };
      for (const line of segment.file.forward(from, segment.end)) {
        // What has no end yet is left for the next time, unless the file has got its last byte.
        if (!line.isWhole && inode === inodes.at(-1)) break;
        next = { inode, offset: line.end };
        const entry = segment.entry(line);
        if (entry !== undefined) entries.push(entry);
      }
    }
    return { entries, place: next };
  }

  #openInode(inode: number): Segment | undefined {
    const opened = this.#files.open(inode);
    return opened === undefined ? undefined : this.#open(opened);
  }
}
