import type { JournalEntry } from './entry.ts';

/** Where an entry stands, in the order of all of them. */
export interface EntryCursor {
  readonly timeUs: number;
  readonly source: string;
  readonly offset: number;
}

/** Looks like journald's; what is in it is ours alone. */
export function formatCursor({ timeUs, monotonicUs, speaker, inode, offset }: JournalEntry, bootId: string): string {
  const source = Buffer.from(speaker.source).toString('hex');
  return `s=${source};i=${offset.toString(16)};b=${bootId};m=${monotonicUs.toString(16)};t=${timeUs.toString(16)};x=${inode.toString(16)}`;
}

/** Undefined when it is none of ours. */
export function parseCursor(text: string): EntryCursor | undefined {
  const fields = new Map(
    text
      .trim()
      .split(';')
      .map((part) => [part.slice(0, 2), part.slice(2)]),
  );
  const number = (name: string) => {
    const value = fields.get(name) ?? '';
    return /^[0-9a-f]{1,13}$/.test(value) ? Number.parseInt(value, 16) : undefined;
  };
  const [timeUs, offset, source] = [number('t='), number('i='), fields.get('s=') ?? ''];
  if (timeUs === undefined || offset === undefined || !/^(?:[0-9a-f]{2})+$/.test(source)) return undefined;
  return { timeUs, offset, source: Buffer.from(source, 'hex').toString() };
}

/** Whether an entry stands before a cursor (negative), at it, or after it. */
export function compareWithCursor({ timeUs, speaker, offset }: JournalEntry, cursor: EntryCursor): number {
  if (timeUs !== cursor.timeUs) return timeUs - cursor.timeUs;
  if (speaker.source !== cursor.source) return speaker.source < cursor.source ? -1 : 1;
  return offset - cursor.offset;
}
