import { memoryOf } from '../peer/memory.ts';
import { equalShare } from '../figure/ssim.ts';
import { startMeter } from './meter.ts';
import { captureOf } from './motion.ts';
import { startScene } from './scenes.ts';
import type { Measured, Setting, Stage } from './workload.ts';

const restFirstMs = 2_000;
const longer = 2; // what costs nearly nothing takes longer to measure

/** Nothing happens while one viewer looks. */
export async function measureIdle(stage: Stage, setting: Setting): Promise<Measured> {
  await using painter = await startScene(stage, setting.server, { kind: 'still' });
  await using viewer = await stage.browser.open(setting.server, setting.link);
  await Bun.sleep(restFirstMs);
  const read = startMeter(setting);
  await Bun.sleep(stage.seconds * longer * 1000);
  const costs = read();
  const memoryMb = memoryOf(setting.server.processes());
  await viewer.snap();
  await painter.tell({ do: 'capture', slot: 0 });
  const [seen] = await viewer.takeSnapshots();
  return {
    ...costs,
    memoryMb,
    ...(seen === undefined ? {} : { equalResting: equalShare(seen.pixels, captureOf(stage, 0)) }),
  };
}
