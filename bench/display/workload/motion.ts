// What all workloads that move have in common: play, count, look closer, stop, look again.
import { cropped, equalShare, ssim, type Pixels } from '../figure/ssim.ts';
import type { ProbeLog } from '../page/probe-hooks.ts';
import type { Painter } from '../scene/painter-client.ts';
import { wordsOf } from '../scene/shared-pixels.ts';
import type { Box } from '../scene/screen.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { startMeter } from './meter.ts';
import { screenSize, type Measured, type Setting, type Stage } from './workload.ts';

export interface DrawnFrame {
  readonly number: number;
  readonly atMs: number;
}

export interface Motion<F extends DrawnFrame> {
  readonly strip: { readonly x: number; readonly y: number };
  /** Where a key's effect is, if keys are pressed. */
  readonly key?: Box;
  /** Where pictures are compared. */
  readonly box: Box;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Goes on beside the motion until the time has come. */
  beside?(untilMs: number): Promise<void>;
  /** Frames drawn since it was last asked. */
  takeFrames(): Promise<readonly F[]>;
  latencies(log: ProbeLog, frames: readonly F[]): readonly number[];
  /** Pixels of a frame as the X server had them; undefined where they are not known. */
  reference?(frame: F): Pixels | undefined;
}

const snapshots = 5;
const snapGapMs = 300;
const warmUpMs = 500; // codecs choose what to be by what they have seen
const restMs = 1_000;

export async function measureMotion<F extends DrawnFrame>(
  stage: Stage,
  setting: Setting,
  actors: { readonly viewer: Viewer; readonly painter: Painter; readonly motion: Motion<F> },
): Promise<Measured & { readonly log: ProbeLog }> {
  const { viewer, painter, motion } = actors;
  await viewer.watch({ strip: motion.strip, ...(motion.key === undefined ? {} : { key: motion.key }) });
  await motion.start();
  await Bun.sleep(warmUpMs);
  const early = await motion.takeFrames();
  await viewer.takeLog();
  const read = startMeter(setting);
  const endMs = performance.now() + stage.seconds * 1000;
  await Promise.all([motion.beside?.(endMs), Bun.sleep(stage.seconds * 1000)]);
  const costs = read();
  const [log, frames] = [await viewer.takeLog(), await motion.takeFrames()];

  const needsCaptures = motion.reference === undefined;
  if (needsCaptures) await painter.tell({ do: 'watch', strip: motion.strip });
  for (let snapshot = 0; snapshot < snapshots; snapshot++) {
    await Bun.sleep(snapGapMs);
    await viewer.snap();
  }
  const { captured = [] } = needsCaptures ? await painter.tell({ do: 'unwatch' }) : {};
  await motion.stop();
  await Bun.sleep(restMs);
  await viewer.snap();
  await painter.tell({ do: 'capture', slot: 0 });
  const resting = captureOf(stage, 0);
  const pictures = await viewer.takeSnapshots();
  const last = pictures.pop();
  const known = [...early, ...frames, ...(await motion.takeFrames())];
  const referenceOf = (number: number) => {
    if (motion.reference === undefined) {
      // The slot that the capture of the rest has overwritten holds another frame now.
      const slot = captured.findLast((entry) => entry.number === number)?.slot;
      return slot === undefined || slot === 0 ? undefined : captureOf(stage, slot);
    }
    const frame = known.findLast((entry) => entry.number === number);
    return frame === undefined ? undefined : motion.reference(frame);
  };
  return {
    ...costs,
    log,
    framesDrawn: frames.length,
    framesShown: new Set(log.shown).size,
    frameLatenciesMs: motion.latencies(log, known),
    ssimMoving: pictures.flatMap(({ number, pixels }) => {
      const reference = referenceOf(number);
      return reference === undefined ? [] : [ssim(cropped(pixels, motion.box), cropped(reference, motion.box))];
    }),
    ...(last === undefined
      ? {}
      : { ssimResting: ssim(last.pixels, resting), equalResting: equalShare(last.pixels, resting) }),
  };
}

/** Drawn until on the canvas. */
export function displayLatencies(log: ProbeLog, frames: readonly DrawnFrame[]): number[] {
  const drawnAt = new Map(frames.map(({ number, atMs }) => [number, atMs]));
  return log.drawn.flatMap(({ number, atMs }) => {
    const drawnAtMs = drawnAt.get(number);
    return drawnAtMs === undefined ? [] : [atMs - drawnAtMs];
  });
}

export function captureOf({ captures }: Stage, slot: number): Pixels {
  const pixels = screenSize.width * screenSize.height;
  return { ...screenSize, words: wordsOf(captures, slot * pixels, pixels) };
}
