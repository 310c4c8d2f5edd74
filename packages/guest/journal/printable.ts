import type { FieldValue } from './entry.ts';

// Control characters of C0 and C1, but for tab and newline.
// oxlint-disable-next-line no-control-regex -- WHY: control characters are what it looks for
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
// oxlint-disable-next-line no-control-regex -- WHY: terminal sequences begin with one
const ansi = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/** Whether a terminal may be given it as it is. */
export function isPrintable(value: FieldValue): value is string {
  return typeof value === 'string' && !control.test(value);
}

export function byteLength(value: FieldValue): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

/** As journalctl writes what it does not print. */
export function blob(value: FieldValue, extraBytes = 0): string {
  return `[${formatBytes(byteLength(value) + extraBytes)} blob data]`;
}

/** Without the sequences that colour text, and with spaces for tabs. */
export function withoutColours(text: string): string {
  const plain = text.includes('\x1b') ? text.replace(ansi, '') : text;
  return plain.includes('\t') ? plain.replaceAll('\t', '        ') : plain;
}

/** `10B`, `1.5K`, `8.0M`. */
export function formatBytes(bytes: number): string {
  const units = [
    ['E', 1024 ** 6],
    ['P', 1024 ** 5],
    ['T', 1024 ** 4],
    ['G', 1024 ** 3],
    ['M', 1024 ** 2],
    ['K', 1024],
  ] as const;
  for (const [unit, size] of units)
    if (bytes >= size) return `${Math.floor(bytes / size)}.${Math.floor(((bytes % size) * 10) / size)}${unit}`;
  return `${bytes}B`;
}
