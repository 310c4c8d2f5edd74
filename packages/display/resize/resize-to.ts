import { CodedError } from '@bhatti/base/errors.ts';
import { DesktopSizeStatus } from '@bhatti/rfb/numbers.ts';
import type { Resizer, SizeListener } from './resizer.ts';

const answerWaitMs = 5_000;

/** Gives the screen this size, as one screen, and resolves when frames have it. Throws INVALID_ARGUMENT for a size that is refused, TIMED_OUT. */
export async function resizeTo(
  resizer: Resizer,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listener: SizeListener = {
    onLayout(layout) {
      if (layout.width === width && layout.height === height) resolve();
    },
    onRefused: (status) => reject(refused(width, height, status)),
  };
  if (resizer.layout.width === width && resizer.layout.height === height) return;
  const timer = setTimeout(() => reject(late()), answerWaitMs);
  resizer.add(listener);
  try {
    resizer.request(listener, { width, height, screens: [{ id: 0, x: 0, y: 0, width, height, flags: 0 }] });
    await promise;
  } finally {
    clearTimeout(timer);
    resizer.remove(listener);
  }
}

function refused(width: number, height: number, status: DesktopSizeStatus): CodedError<'INVALID_ARGUMENT'> {
  const why = status === DesktopSizeStatus.outOfResources ? 'that is too large' : 'the X server refuses it';
  const value = `${width}x${height}`;
  return new CodedError('INVALID_ARGUMENT', `cannot make the screen ${value}: ${why}`, { argument: 'size', value });
}

function late(): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', 'the screen did not get the size that was asked for', { afterMs: answerWaitMs });
}
