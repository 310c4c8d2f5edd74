import type { JournalRequest } from '@bhatti/wire/agent/journal.ts';
import { hostname } from 'node:os';
import { formatEntry, type JournalOutput } from './format.ts';
import type { JournalEntry } from './entry.ts';
import type { JournalReader } from './read.ts';

const followLines = 10; // what `-f` shows of the past, as journalctl and tail do
const reverseLines = 50_000; // `-r` alone holds all it prints in memory; that is the most
const noEntries = '-- No entries --\n';

export interface JournalContext {
  readonly journal: JournalReader;
  /** When this boot began, µs since the epoch. */
  readonly bootedAtUs: number;
}

/** The text of a journal request as a stream: a journal of many MB is never in memory at once. */
export function answerJournal(context: JournalContext, request: JournalRequest, client: AbortSignal): Response {
  const output: JournalOutput = request.output ?? 'short';
  const host = hostname().split('.', 1)[0] ?? '';
  const isWanted = filterOf(request, context);
  const entries = select(context, request, client);
  const encoder = new TextEncoder();
  let isEmpty = true;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let text = '';
      // Many lines to a chunk, but what is there goes out at once while following.
      while (text.length < 65_536) {
        const next = await entries.next();
        if (next.done === true) {
          if (isEmpty && request.follow !== true) text += noEntries;
          if (text !== '') controller.enqueue(encoder.encode(text));
          return controller.close();
        }
        if (!isWanted(next.value)) continue;
        isEmpty = false;
        text += `${formatEntry(next.value, output, host)}\n`;
        if (request.follow === true) break;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel() {
      await entries.return(undefined);
    },
  });
  return new Response(stream, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}

async function* select(
  { journal, bootedAtUs }: JournalContext,
  request: JournalRequest,
  client: AbortSignal,
): AsyncGenerator<JournalEntry> {
  const units = request.units.length > 0 ? request.units : journal.units();
  if (request.follow === true)
    return yield* journal.follow(request.units.length > 0 ? units : undefined, request.lines ?? followLines, client);
  const isFiltered = request.priority !== undefined || request.untilUs !== undefined;
  if (request.reverse === true || (request.lines !== undefined && !isFiltered)) {
    const last = await journal.last(units, request.lines ?? reverseLines);
    return yield* request.reverse === true ? last.toReversed() : last;
  }
  const sinceUs = Math.max(request.sinceUs ?? 0, request.boot === true ? bootedAtUs : 0);
  const all = journal.since(units, sinceUs);
  if (request.lines === undefined) return yield* all;
  const isWanted = filterOf(request, { journal, bootedAtUs });
  const kept: JournalEntry[] = [];
  for await (const entry of all) {
    if (!isWanted(entry)) continue;
    kept.push(entry);
    if (kept.length > request.lines) kept.shift();
  }
  yield* kept;
}

function filterOf(request: JournalRequest, { bootedAtUs }: JournalContext): (entry: JournalEntry) => boolean {
  const sinceUs = Math.max(request.sinceUs ?? 0, request.boot === true ? bootedAtUs : 0);
  const untilUs = request.untilUs ?? Infinity;
  return (entry) => entry.timeUs >= sinceUs && entry.timeUs <= untilUs && entry.priority <= (request.priority ?? 7);
}
