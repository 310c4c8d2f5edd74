import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { compareEntries, type JournalEntry } from './entry.ts';
import { noUnit, PARTS, STREAMS } from './layout.ts';
import { mergeSorted } from './merge.ts';
import { outputSource } from './output-source.ts';
import { recordSource } from './record-source.ts';
import type { Place, Source } from './source.ts';
import { Speakers } from './speakers.ts';
import { journalUnits } from './units.ts';

/** What is known of a unit in the journal. */
interface UnitSources {
  readonly speakers: Speakers;
  readonly sources: readonly Source[];
  /** Where following goes on, one for each source. */
  readonly places: Place[];
}

/** Reads units' journals: what they wrote, what they sent and what was said about them, in the order of time. */
export class JournalReader {
  readonly #root: string;
  readonly #units = new Map<string, UnitSources>();

  constructor(root = guestJournalDir) {
    this.#root = root;
  }

  /** All that have a journal; what belongs to none is under the name `noUnit`. */
  units(): string[] {
    return journalUnits(this.#root);
  }

  /** All entries of these units since a time, oldest first. */
  forward(units: readonly string[], sinceUs: number): Generator<JournalEntry> {
    const sources = units.flatMap((unit) => this.#unit(unit).sources);
    return mergeSorted(
      sources.map((source) => source.forward(sinceUs)),
      compareEntries,
    );
  }

  /** All entries until a time, newest first; of units that are followed, those before the place where following begins. */
  backward(units: readonly string[], untilUs: number): Generator<JournalEntry> {
    const iterators = units.flatMap((unit) => {
      const { sources, places } = this.#unit(unit);
      return sources.map((source, at) => source.backward(untilUs, places[at]));
    });
    return mergeSorted(iterators, (a, b) => compareEntries(b, a));
  }

  /** The last `count` entries of these units together, oldest first. */
  last(units: readonly string[], count: number): JournalEntry[] {
    const entries: JournalEntry[] = [];
    if (count === 0) return entries;
    for (const entry of this.backward(units, Infinity)) {
      entries.push(entry);
      if (entries.length >= count) break;
    }
    return entries.reverse();
  }

  /** What `fresh` answers from now on is what comes after this. */
  follow(unit: string): void {
    const { sources, places } = this.#unit(unit);
    for (const [at, source] of sources.entries()) places[at] = source.place();
  }

  /** The same, for a unit that was not there: all it has is new. */
  followFromStart(unit: string): void {
    const { sources, places } = this.#unit(unit);
    for (const at of sources.keys()) places[at] = { inode: 0, offset: 0 };
  }

  /** What has come to these units since the last time, oldest first. */
  fresh(units: Iterable<string>): JournalEntry[] {
    let entries: JournalEntry[] = [];
    for (const unit of units) {
      const { speakers, sources, places } = this.#unit(unit);
      speakers.refresh();
      for (const [at, source] of sources.entries()) {
        const found = source.after(places[at] ?? { inode: 0, offset: 0 });
        places[at] = found.place;
        entries = entries.concat(found.entries);
      }
    }
    return entries.sort(compareEntries);
  }

  #unit(unit: string): UnitSources {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    const speakers = new Speakers(this.#root, unit);
    const records = PARTS.filter((part) => part === 'events' || part === 'syslog');
    const made = {
      speakers,
      sources: [
        ...records.map((part) => recordSource(this.#root, unit, part, speakers)),
        ...(unit === noUnit ? [] : STREAMS.map((stream) => outputSource(this.#root, unit, stream, speakers))),
      ],
      places: [],
    };
    this.#units.set(unit, made);
    return made;
  }
}
