import { isSignalName } from '@bhatti/sys/process/spawn.ts';
import { constants } from 'node:os';

/** `TERM`, `SIGTERM`, `15`. */
export function parseSignal(text: string): NodeJS.Signals | undefined {
  const name = /^\d+$/.test(text)
    ? Object.entries(constants.signals).find(([, number]) => String(number) === text)?.[0]
    : text.startsWith('SIG')
      ? text
      : `SIG${text}`;
  return name !== undefined && isSignalName(name) ? name : undefined;
}

/** `--signal=list`. */
export function listSignals(): string {
  const rows = Object.entries(constants.signals).toSorted(([, a], [, b]) => a - b);
  const seen = new Set<number>();
  const lines = rows.flatMap(([name, number]) => {
    if (seen.has(number)) return []; // SIGPOLL is SIGIO
    seen.add(number);
    return [`${String(number).padEnd('SIGNAL'.length)} ${name}`];
  });
  return `SIGNAL NAME\n${lines.join('\n')}\n`;
}
