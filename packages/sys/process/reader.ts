import { closeSync } from 'node:fs';
import { openPipe } from './pipe.ts';

/** Starts a program that reads from a pipe, and gives the descriptor that writes into it. The program ends when the last copy of that is closed. */
export function startReader(argv: readonly string[]): number {
  const { readFd, writeFd } = openPipe(process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  // A session of its own: what ends the writer's terminal must not end who still has lines to read.
  Bun.spawn([...argv], { stdio: [readFd, 'ignore', 'ignore'], detached: true }).unref();
  closeSync(readFd);
  return writeFd;
}
