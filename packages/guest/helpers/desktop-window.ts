import { plainLine } from '@bhatti/base/bytes.ts';
import type { DesktopWindow } from '@bhatti/wire/display/control.ts';

const maxTitleLength = 1_000; // far beyond what a title bar shows; programs choose titles, and some put whole addresses in

/** A window as the display server describes it, or undefined when it is not one. */
export function readWindow(value: unknown): DesktopWindow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // SAFETY: every field is looked at below.
  const { id, title, x, y, width, height, active } = value as Partial<Record<keyof DesktopWindow, unknown>>;
  if (typeof id !== 'number' || typeof title !== 'string' || typeof active !== 'boolean') return undefined;
  if (typeof x !== 'number' || typeof y !== 'number') return undefined;
  if (typeof width !== 'number' || typeof height !== 'number') return undefined;
  return { id, title, x, y, width, height, active };
}

export function readWindows(value: unknown): DesktopWindow[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const windows = value.map(readWindow);
  return windows.every((window) => window !== undefined) ? windows : undefined;
}

/** A title on one line: a line break in it would look like another window. */
export function titleLine(title: string): string {
  return plainLine(title, maxTitleLength);
}
