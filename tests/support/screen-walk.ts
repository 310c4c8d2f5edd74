import { Encoding } from '@bhatti/rfb/numbers.ts';
import fc from 'fast-check';
import { type MovingScreen, type MovingViewer, paintPart, shiftPart } from './moving-screen.ts';
import { until } from './until.ts';

/** What happens to a screen, and which of its viewers read after it. */
export type ScreenStep = {
  readonly part: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly readers: readonly boolean[];
  /** Whether encoders get time before the next step; else frames pile up on an update that is being encoded. */
  readonly waits: boolean;
} & (
  | { readonly kind: 'shift'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'paint'; readonly isPhoto: boolean }
);

export function anyWalk(size: { readonly width: number; readonly height: number }): fc.Arbitrary<ScreenStep[]> {
  const part = fc
    .record({ x: fc.nat(size.width - 120), y: fc.nat(size.height - 120), width: fc.nat(400), height: fc.nat(300) })
    .map(({ x, y, width, height }) => ({
      x,
      y,
      width: Math.min(width + 100, size.width - x),
      height: Math.min(height + 100, size.height - y),
    }));
  const common = { part, readers: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), waits: fc.boolean() };
  const distance = fc.oneof(fc.constant(0), fc.integer({ min: -60, max: 60 }));
  const shift = fc.record({ kind: fc.constant('shift' as const), dx: distance, dy: distance, ...common });
  const paint = fc.record({ kind: fc.constant('paint' as const), isPhoto: fc.boolean(), ...common });
  return fc.array(fc.oneof({ weight: 3, arbitrary: shift }, paint), { minLength: 3, maxLength: 14 });
}

/** Does the steps one after the other, and lets every viewer read all there is in the end. */
export async function walk(
  screen: MovingScreen,
  steps: readonly ScreenStep[],
  isExact: (viewer: MovingViewer) => boolean,
): Promise<void> {
  for (const [seed, step] of steps.entries()) {
    if (step.kind === 'shift') shiftPart(screen, step.part, { dx: step.dx, dy: step.dy, seed });
    else paintPart(screen, step.part, { seed, isPhoto: step.isPhoto });
    await screen.present();
    if (step.waits) await new Promise((resolve) => setImmediate(resolve));
    screen.viewers.forEach((viewer, i) => step.readers[i] === true && viewer.read());
  }
  await until(
    () => {
      for (const viewer of screen.viewers) viewer.read();
      return screen.viewers.every(isExact);
    },
    () => screen.viewers.map((viewer) => `${viewer.counts.get(Encoding.copyRect) ?? 0} copies`),
  );
}
