// What `npm start` shows: a line a step, ticked off with the time it took; on a terminal the running one counts.
import { hasCode } from '@bhatti/base/errors.ts';
import { openProgress, type Progress } from '@bhatti/cli/progress.ts';
import { noteBytes, printLine, styled } from '@bhatti/cli/output.ts';
import { isTerminal } from '@bhatti/sys/terminal/descriptor.ts';

/** What a step found or did, in a word or two, beside whatever it answers. */
export interface Remark {
  readonly remark: string;
}

const nameWidth = 24;

export function step<T extends Remark>(name: string, run: () => Promise<T>): Promise<T> {
  return timed(name, run, tickWhile(name));
}

/** For a step that says itself how far it is. */
export async function stepWithProgress<T extends Remark>(
  name: string,
  run: (onProgress: Progress['show']) => Promise<T>,
): Promise<T> {
  using progress = openProgress(false);
  return await timed(
    name,
    () => run((event) => progress.show(event)),
    () => progress.finish(),
  );
}

async function timed<T extends Remark>(name: string, run: () => Promise<T>, finish: () => void): Promise<T> {
  const startedAt = performance.now();
  try {
    const result = await run();
    finish();
    await printLine(line(styled(1, 'green', '✓'), name, performance.now() - startedAt, result.remark));
    return result;
  } catch (error) {
    finish();
    // Ctrl-C is no failure of the step.
    if (!hasCode(error, 'ABORTED'))
      await printLine(line(styled(1, 'red', '✗'), name, performance.now() - startedAt, ''));
    throw error;
  }
}

function tickWhile(name: string): () => void {
  if (!isTerminal(1) || !isTerminal(2)) return () => {};
  const startedAt = performance.now();
  const draw = () => void noteBytes(`\r\u001b[K${line('…', name, performance.now() - startedAt, '')}`);
  draw();
  const timer = setInterval(draw, 100);
  return () => {
    clearInterval(timer);
    void noteBytes('\r\u001b[K');
  };
}

function line(mark: string, name: string, elapsedMs: number, remark: string): string {
  return `  ${mark} ${name.padEnd(nameWidth)}${`${(elapsedMs / 1000).toFixed(1)} s`.padStart(8)}   ${remark}`.trimEnd();
}
