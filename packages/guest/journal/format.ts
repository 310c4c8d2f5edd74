import { hostname } from 'node:os';
import { formatIsoTime, formatShortTime } from '../systemctl/text-time.ts';
import type { JournalEntry } from './entry.ts';

export type JournalOutput = 'short' | 'short-iso' | 'short-precise' | 'short-unix' | 'with-unit' | 'cat' | 'json';

/** Entries as journalctl prints them, one line each. */
export function formatEntries(entries: Iterable<JournalEntry>, output: JournalOutput): string {
  const host = hostname().split('.', 1)[0] ?? '';
  let text = '';
  for (const entry of entries) text += `${formatEntry(entry, output, host)}\n`;
  return text;
}

export function formatEntry(entry: JournalEntry, output: JournalOutput, host: string): string {
  switch (output) {
    case 'cat':
      return entry.message;
    case 'json':
      return JSON.stringify({
        __REALTIME_TIMESTAMP: String(entry.timeUs),
        _HOSTNAME: host,
        _SYSTEMD_UNIT: entry.unit,
        SYSLOG_IDENTIFIER: entry.identifier,
        _PID: String(entry.pid),
        PRIORITY: String(entry.priority),
        MESSAGE: entry.message,
      });
    case 'short':
    case 'short-iso':
    case 'short-precise':
    case 'short-unix':
    case 'with-unit': {
      const speaker = output === 'with-unit' ? entry.unit : entry.identifier;
      const pid = entry.pid === 0 ? '' : `[${entry.pid}]`;
      return `${timeOf(entry, output)} ${host} ${speaker}${pid}: ${entry.message}`;
    }
  }
}

function timeOf(entry: JournalEntry, output: Exclude<JournalOutput, 'cat' | 'json'>): string {
  switch (output) {
    case 'short-iso':
      return formatIsoTime(entry.timeUs);
    case 'short-precise':
      return `${formatShortTime(entry.timeUs)}.${String(entry.timeUs % 1_000_000).padStart(6, '0')}`;
    case 'short-unix':
      return (entry.timeUs / 1_000_000).toFixed(6);
    case 'short':
    case 'with-unit':
      return formatShortTime(entry.timeUs);
  }
}
