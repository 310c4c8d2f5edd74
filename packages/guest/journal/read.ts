import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { existsSync, readdirSync } from 'node:fs';
import { compareEntries, ownIdentifier, type JournalEntry } from './entry.ts';
import { allEvents, eventsAfter, type EventsCursor } from './events-file.ts';
import { STREAMS, unitJournalDir, type JournalEvent, type OutputStream } from './layout.ts';
import { allLines, lastLines, linesAfter, type OutputCursor, type OutputLine } from './output-lines.ts';

const followPollMs = 100; // what a reader of `-f` does not notice; each look costs two stat calls a unit
const defaultPriority = 6;

/** Reads units' journals: what they wrote and what was said about them, in the order of time. */
export class JournalReader {
  readonly #root: string;
  readonly #flush: () => Promise<void>;

  /** `flush` resolves when all that was written so far can be read. */
  constructor(flush: () => Promise<void>, root = guestJournalDir) {
    this.#flush = flush;
    this.#root = root;
  }

  units(): string[] {
    return existsSync(this.#root) ? readdirSync(this.#root).toSorted() : [];
  }

  /** The last `count` entries of these units together, oldest first. */
  async last(units: readonly string[], count: number): Promise<JournalEntry[]> {
    await this.#flush();
    return this.#tails(units, count).entries;
  }

  /** All entries since a time, oldest first. */
  async *since(units: readonly string[], sinceUs: number): AsyncGenerator<JournalEntry> {
    await this.#flush();
    yield* mergeSorted(units.map((unit) => this.#entriesSince(unit, sinceUs)));
  }

  /** The last `count` entries, then whatever comes, until the signal. */
  async *follow(
    units: readonly string[] | undefined,
    count: number,
    signal: AbortSignal,
  ): AsyncGenerator<JournalEntry> {
    await this.#flush();
    const { entries, cursors } = this.#tails(units ?? this.units(), count);
    yield* entries;
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, followPollMs));
      // Without a list of units, those that appear later are followed as well.
      for (const unit of units ?? this.units()) if (!cursors.has(unit)) cursors.set(unit, newCursor());
      const fresh = [...cursors].flatMap(([unit, cursor]) => this.#advance(unit, cursor));
      yield* fresh.toSorted(compareEntries);
    }
  }

  #tails(units: readonly string[], count: number): { entries: JournalEntry[]; cursors: Map<string, Cursor> } {
    const cursors = new Map<string, Cursor>();
    const all = units.flatMap((unit) => {
      const directory = unitJournalDir(unit, this.#root);
      const { events, cursor: eventsCursor } = allEvents(directory);
      const speakers = new Speakers(events);
      const output = STREAMS.map((stream) => ({ stream, ...lastLines({ directory, stream }, count) }));
      cursors.set(unit, {
        events: eventsCursor,
        output: { main: output[0]?.cursor ?? noOutput, control: output[1]?.cursor ?? noOutput },
        speakers,
      });
      const written = output.flatMap(({ stream, lines }) =>
        lines.flatMap((line) => speakers.entries(unit, stream, line)),
      );
      return [...messages(unit, events).slice(-count), ...written];
    });
    return { entries: count === 0 ? [] : all.toSorted(compareEntries).slice(-count), cursors };
  }

  *#entriesSince(unit: string, sinceUs: number): Generator<JournalEntry> {
    const directory = unitJournalDir(unit, this.#root);
    const { events } = allEvents(directory);
    const speakers = new Speakers(events);
    const said = messages(unit, events).filter((entry) => entry.timeUs >= sinceUs);
    const written = function* (stream: OutputStream) {
      for (const line of allLines({ directory, stream }, sinceUs)) yield* speakers.entries(unit, stream, line);
    };
    yield* mergeSorted([said[Symbol.iterator](), ...STREAMS.map(written)]);
  }

  #advance(unit: string, cursor: Cursor): JournalEntry[] {
    const directory = unitJournalDir(unit, this.#root);
    const { events, cursor: eventsCursor } = eventsAfter(directory, cursor.events);
    cursor.events = eventsCursor;
    cursor.speakers.add(events);
    const written = STREAMS.flatMap((stream) => {
      const { lines, cursor: after } = linesAfter({ directory, stream }, cursor.output[stream]);
      cursor.output[stream] = after;
      return lines.flatMap((line) => cursor.speakers.entries(unit, stream, line));
    });
    return [...messages(unit, events), ...written];
  }
}

interface Cursor {
  events: EventsCursor;
  readonly output: Record<OutputStream, OutputCursor>;
  readonly speakers: Speakers;
}

const noOutput: OutputCursor = { inode: 0, offset: 0 };

function newCursor(): Cursor {
  return { events: noOutput, output: { main: noOutput, control: noOutput }, speakers: new Speakers([]) };
}

function messages(unit: string, events: readonly JournalEvent[]): JournalEntry[] {
  return events.flatMap((event) =>
    event.kind === 'message'
      ? [
          {
            timeUs: event.t,
            unit,
            pid: event.pid,
            identifier: ownIdentifier,
            priority: event.priority,
            message: event.text,
          },
        ]
      : [],
  );
}

/** Who wrote a line: the process of its stream that was started last before it. */
class Speakers {
  readonly #spawns: Record<OutputStream, (JournalEvent & { kind: 'spawn' })[]> = { main: [], control: [] };

  constructor(events: readonly JournalEvent[]) {
    this.add(events);
  }

  add(events: readonly JournalEvent[]): void {
    for (const event of events) if (event.kind === 'spawn') this.#spawns[event.stream].push(event);
  }

  /** None for a line that its unit does not want kept. */
  entries(unit: string, stream: OutputStream, line: OutputLine): JournalEntry[] {
    const spawns = this.#spawns[stream];
    const speaker = spawns.findLast((spawn) => spawn.t <= line.timeUs) ?? spawns[0];
    // sd-daemon(3): `<3>` before a line is its priority.
    const prefix = speaker?.isPlain === true ? null : /^<([0-7])>/.exec(line.text);
    const priority = prefix === null ? (speaker?.level ?? defaultPriority) : Number(prefix[1]);
    if (priority > (speaker?.maxLevel ?? Infinity)) return [];
    return [
      {
        timeUs: line.timeUs,
        unit,
        pid: speaker?.pid ?? 0,
        identifier: speaker?.identifier ?? unit.replace(/\.\w+$/, ''),
        priority,
        message: prefix === null ? line.text : line.text.slice(prefix[0].length),
      },
    ];
  }
}

/** Several sequences in order of time as one. */
function* mergeSorted(sources: readonly Iterator<JournalEntry>[]): Generator<JournalEntry> {
  const heads = sources.map((source) => ({ source, next: source.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads)
      if (
        head.next.done !== true &&
        (first === undefined || first.next.done === true || head.next.value.timeUs < first.next.value.timeUs)
      )
        first = head;
    if (first === undefined || first.next.done === true) return;
    yield first.next.value;
    first.next = first.source.next();
  }
}
