import { plainLine } from '@bhatti/base/bytes.ts';
import type { ImageBuildProgress } from '@bhatti/client/image.ts';
import { isTerminal } from '@bhatti/sys/terminal/descriptor.ts';
import { tryWindowSize } from '@bhatti/sys/terminal/raw-mode.ts';

import { noteBytes, noteLine, styled } from './output.ts';

export interface Progress extends Disposable {
  show(event: ImageBuildProgress): void;
  /** Ends the line of a step that went well. */
  finish(): void;
}

/**
 * What is done, how far it is and since when, on stderr: one line that is drawn again on a terminal, a line now and then elsewhere. Silent with `--json`.
 */
export function openProgress(isSilent: boolean): Progress {
  if (isSilent) return { show() {}, finish() {}, [Symbol.dispose]() {} };
  return isTerminal(2) ? lineProgress() : stepProgress();
}

function lineProgress(): Progress {
  let isDrawn = false;
  const clear = () => {
    if (isDrawn) void noteBytes('\r\u001b[K');
    isDrawn = false;
  };
  return {
    show(event) {
      if (event.type === 'log') return;
      void noteBytes(`\r\u001b[K${formatProgress(event, tryWindowSize(2)?.cols ?? 80)}`);
      isDrawn = true;
    },
    finish: clear,
    [Symbol.dispose]: clear,
  };
}

function stepProgress(): Progress {
  let shownAt = { fraction: -1, elapsedMs: 0 };
  return {
    show(event) {
      if (event.type === 'log') return;
      const { fraction, elapsedMs, step } = event;
      if (fraction - shownAt.fraction < everyFraction && elapsedMs - shownAt.elapsedMs < everyMs) return;
      shownAt = event;
      void noteLine(`${percent(fraction)} ${seconds(elapsedMs)} ${plainLine(step, 200)}`);
    },
    finish() {},
    [Symbol.dispose]() {},
  };
}

// A log of a build of a thousand packages is then a dozen lines, and is never silent for long.
const everyFraction = 0.1;
const everyMs = 15_000;

const barWidth = 24;

/** `[██████      ]  25 %   12 s  installing packages`, never wider than the terminal. */
export function formatProgress(
  { step, fraction, elapsedMs }: { step: string; fraction: number; elapsedMs: number },
  cols: number,
): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const head = ` ${percent(fraction)} ${seconds(elapsedMs)}  `;
  const text = plainLine(step, Math.max(8, cols - barWidth - head.length - 1));
  return `${styled(2, 'green', bar)}${head}${text}`;
}

function percent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)} %`.padStart(5);
}

function seconds(elapsedMs: number): string {
  return `${Math.floor(elapsedMs / 1000)} s`.padStart(5);
}
