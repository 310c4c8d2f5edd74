/** One line of a unit's journal. */
export interface JournalEntry {
  readonly timeUs: number;
  readonly unit: string;
  readonly pid: number;
  readonly identifier: string;
  /** 0 to 7 as in syslog(3). */
  readonly priority: number;
  readonly message: string;
}

/** What the service manager itself says is said under this name. */
export const ownIdentifier = 'lohar';

export function compareEntries(a: JournalEntry, b: JournalEntry): number {
  return a.timeUs - b.timeUs;
}
