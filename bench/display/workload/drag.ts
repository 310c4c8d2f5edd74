import type { ProbeLog } from '../page/probe-hooks.ts';
import type { PainterLog } from '../scene/painter-protocol.ts';
import { startScene } from './scenes.ts';
import { measureMotion } from './motion.ts';
import { screenSize, type Measured, type Setting, type Stage } from './workload.ts';
import { stripHeight } from '../figure/strip.ts';
import type { Viewer } from '../viewer/viewer.ts';

const box = { x: 400, y: 200, width: 480, height: 320 };
const grip = { x: box.x + 240, y: box.y + 12 };
const stepMs = 1000 / 60;

type MovedFrame = PainterLog['frames'][number];

/** A window dragged by its title over a photograph, with the viewer's mouse. */
export async function measureDrag(stage: Stage, setting: Setting): Promise<Measured> {
  await using painter = await startScene(stage, setting.server, { kind: 'drag', box });
  await using viewer = await stage.browser.open(setting.server, setting.link);
  let isDragging = false;
  let dragging: Promise<void> | undefined;
  const { log: _, ...measured } = await measureMotion<MovedFrame>(stage, setting, {
    viewer,
    painter,
    motion: {
      strip: { x: 0, y: 0 },
      box: { x: 0, y: stripHeight, width: screenSize.width, height: screenSize.height - stripHeight },
      async start() {
        isDragging = true;
        dragging = drag(viewer, () => isDragging);
      },
      async stop() {
        isDragging = false;
        await dragging;
      },
      takeFrames: async () => (await painter.takeLog()).frames,
      latencies: followLatencies,
    },
  });
  return measured;
}

async function drag({ page }: Viewer, goesOn: () => boolean): Promise<void> {
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  const startedAt = performance.now();
  let moved = Promise.resolve();
  for (let step = 1; goesOn(); step++) {
    const seconds = (performance.now() - startedAt) / 1000;
    // A path that never comes back to the same place, at the pace of a hand, which waits for no browser.
    moved = page.mouse.move(
      Math.round(grip.x + 330 * Math.sin(seconds * 2.1)),
      Math.round(grip.y + 20 + 170 * Math.sin(seconds * 2.9)),
    );
    await Bun.sleep(Math.max(0, startedAt + step * stepMs - performance.now()));
  }
  await moved;
  await page.mouse.up();
}

/** The pointer was moved until the window had followed it there. */
function followLatencies(log: ProbeLog, frames: readonly MovedFrame[]): number[] {
  const byNumber = new Map(frames.map((frame) => [frame.number, frame]));
  return log.drawn.flatMap(({ number, atMs }) => {
    const frame = byNumber.get(number);
    if (frame === undefined) return [];
    const move = log.moves.findLast(
      ({ x, y, atMs: movedAtMs }) => x === frame.x && y === frame.y && movedAtMs <= frame.atMs,
    );
    return move === undefined ? [] : [atMs - move.atMs];
  });
}
