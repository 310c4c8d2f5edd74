import type { JournalEntry } from './entry.ts';

interface Head {
  readonly rest: Iterator<JournalEntry>;
  entry: JournalEntry;
}

/** Several sequences in one order as one: a heap of their first entries. `compare` is the order. */
export function* mergeSorted(
  sources: Iterable<Iterator<JournalEntry>>,
  compare: (a: JournalEntry, b: JournalEntry) => number,
): Generator<JournalEntry> {
  const heap: Head[] = [];
  const open = [...sources];
  try {
    for (const rest of open) {
      const first = rest.next();
      if (first.done !== true) heap.push({ rest, entry: first.value });
    }
    for (let at = (heap.length >> 1) - 1; at >= 0; at -= 1) sink(heap, at, compare);
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      yield top.entry;
      const next = top.rest.next();
      if (next.done !== true) {
        top.entry = next.value;
      } else {
        const last = heap.pop();
        if (last === undefined || heap.length === 0) return;
        heap[0] = last;
      }
      sink(heap, 0, compare);
    }
  } finally {
    for (const rest of open) rest.return?.();
  }
}

function sink(heap: Head[], from: number, compare: (a: JournalEntry, b: JournalEntry) => number): void {
  const moved = heap[from];
  if (moved === undefined) return;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    let smaller = heap[child];
    if (smaller === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && compare(right.entry, smaller.entry) < 0) [child, smaller] = [child + 1, right];
    if (compare(moved.entry, smaller.entry) <= 0) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = moved;
}
