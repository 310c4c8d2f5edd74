import { watchDirectories } from '@bhatti/sys/inotify.ts';
import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { compareWithCursor } from './cursor.ts';
import { textOf, type EntryContext, type FieldValue, type JournalEntry } from './entry.ts';
import { unitJournalDir } from './layout.ts';
import { Page, ReaderGone } from './page.ts';
import type { Query } from './query.ts';
import type { JournalReader } from './read.ts';

const stdout = 1;

export interface PrintJob {
  readonly query: Query;
  readonly reader: JournalReader;
  readonly context: EntryContext;
  readonly format: (entry: JournalEntry) => FieldValue | undefined;
  /** Which of the units there are, or will be, are asked for. */
  readonly isWantedUnit: (unit: string) => boolean;
  /** Where the boot begins and ends that is asked for. */
  readonly fromUs: number;
  readonly untilUs: number;
}

export interface Printed {
  readonly count: number;
  readonly last: JournalEntry | undefined;
}

/** Prints what was asked for; returns at the end, or never while following. Throws ReaderGone. */
export function printEntries(job: PrintJob): Printed {
  const printer = new Printer(job);
  const { query, reader } = job;
  if (query.isFollow) followFrom(job);
  for (const entry of chosen(job)) printer.print(entry);
  if (query.isFollow) follow(job, printer);
  if (printer.count === 0 && !query.isQuiet) printer.say('-- No entries --\n');
  printer.flush();
  const newest = () => reader.last(reader.units(), 1).at(-1);
  return { count: printer.count, last: printer.last ?? (query.lines === 0 ? newest() : undefined) };
}

/** The entries that are there, in the order in which they are to be printed; the pattern is the printer's matter. */
function* chosen(job: PrintJob): Generator<JournalEntry> {
  const { query, reader } = job;
  const units = reader.units().filter(job.isWantedUnit);
  const { lines = Infinity, start } = query;
  if (lines === 0) return;
  // As journalctl 252 has it: `-n` after a beginning counts from there.
  const isForward = !query.isReverse && (lines === Infinity || query.sinceUs !== undefined || start !== undefined);
  const fits = (entry: JournalEntry) => {
    if (!query.matches(entry)) return false;
    if (start === undefined) return true;
    const order = compareWithCursor(entry, start.cursor);
    return order > 0 || (order === 0 && start.isIncluded);
  };
  const fromUs = Math.max(job.fromUs, start?.cursor.timeUs ?? 0);
  let count = 0;
  if (isForward) {
    for (const entry of reader.forward(units, fromUs)) {
      if (entry.timeUs > job.untilUs) return;
      if (!fits(entry)) continue;
      yield entry;
      count += isShown(entry, query) ? 1 : 0;
      if (count >= lines) return;
    }
    return;
  }
  const newestFirst = untilBeginning(reader.backward(units, job.untilUs), fromUs);
  if (query.isReverse) {
    for (const entry of newestFirst) {
      if (!fits(entry)) continue;
      yield entry;
      count += isShown(entry, query) ? 1 : 0;
      if (count >= lines) return;
    }
    return;
  }
  const kept: JournalEntry[] = [];
  for (const entry of newestFirst) {
    if (!fits(entry)) continue;
    kept.push(entry);
    if (kept.length >= lines) break;
  }
  yield* kept.reverse();
}

function* untilBeginning(entries: Generator<JournalEntry>, fromUs: number): Generator<JournalEntry> {
  for (const entry of entries) {
    if (entry.timeUs < fromUs) return;
    yield entry;
  }
}

function isShown({ message }: JournalEntry, { pattern }: Query): boolean {
  return pattern === undefined || (message !== undefined && pattern.test(textOf(message)));
}

class Printer {
  readonly #job: PrintJob;
  readonly #page = new Page();
  #boot: string | undefined;
  count = 0;
  last: JournalEntry | undefined;

  constructor(job: PrintJob) {
    this.#job = job;
  }

  print(entry: JournalEntry): void {
    const { query, context, format } = this.#job;
    const boot = context.bootAt(entry.timeUs);
    if (boot !== this.#boot && this.#boot !== undefined && !query.isQuiet) this.#page.print(`-- Boot ${boot} --\n`);
    this.#boot = boot;
    if (!isShown(entry, query)) return;
    this.last = entry;
    this.count += 1;
    const text = format(entry);
    if (text !== undefined) this.#page.print(text);
  }

  say(text: string): void {
    this.#page.print(text);
  }

  flush(): void {
    this.#page.flush();
  }
}

/** From here on, what comes is new. */
function followFrom({ reader, isWantedUnit }: PrintJob): void {
  for (const unit of reader.units()) if (isWantedUnit(unit)) reader.follow(unit);
}

function follow(job: PrintJob, printer: Printer): never {
  const { reader, query, isWantedUnit } = job;
  using watch = watchDirectories();
  watch.add(guestJournalDir);
  const units = new Map<string, string>();
  const addUnits = () => {
    for (const unit of reader.units()) {
      const directory = unitJournalDir(unit);
      if (units.has(directory) || !isWantedUnit(unit) || !watch.add(directory)) continue;
      units.set(directory, unit);
    }
  };
  addUnits();
  // What came before there was a watch is looked for once.
  let changed: ReadonlySet<string> | undefined = new Set([...units.keys(), guestJournalDir]);
  for (;;) {
    if (changed.has(guestJournalDir)) {
      const before = new Set(units.keys());
      addUnits();
      changed = new Set([...changed, ...[...units.keys()].filter((directory) => !before.has(directory))]);
    }
    const fresh = reader.fresh([...changed].flatMap((directory) => units.get(directory) ?? []));
    for (const entry of fresh) if (query.matches(entry) && entry.timeUs <= job.untilUs) printer.print(entry);
    printer.flush();
    changed = watch.wait(stdout);
    if (changed === undefined) throw new ReaderGone('nobody reads any more');
  }
}
