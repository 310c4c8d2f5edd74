import type { ExecStream } from '@bhatti/client/exec-stream.ts';
import { enterRawMode, tryWindowSize, type WindowSize } from '@bhatti/sys/terminal/raw-mode.ts';

/** Size of the person's terminal; 24 × 80 where there is none. */
export function windowSize(): WindowSize {
  return tryWindowSize(1) ?? tryWindowSize(0) ?? { rows: 24, cols: 80 };
}

/** Gives the person's terminal to a session: every key goes there as typed, and every change of size. Dispose it to take it back. */
export function takeTerminal(stream: ExecStream): Disposable {
  const raw = enterRawMode(0);
  const resize = () => stream.resize(windowSize());
  process.on('SIGWINCH', resize);
  return {
    [Symbol.dispose]() {
      process.removeListener('SIGWINCH', resize);
      raw[Symbol.dispose]();
    },
  };
}
