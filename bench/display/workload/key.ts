import { startScene } from './scenes.ts';
import { measureKeys } from './keys.ts';
import { keyBox, type Measured, type Setting, type Stage } from './workload.ts';

/** A key press on a resting desktop, with a program that paints at once. */
export async function measureKey(stage: Stage, setting: Setting): Promise<Measured> {
  await using painter = await startScene(stage, setting.server, { kind: 'still' });
  await using viewer = await stage.browser.open(setting.server, setting.link);
  await painter.takeLog();
  const { keys, ...measured } = await measureKeys(setting, viewer, { area: keyBox, seconds: stage.seconds });
  const painted = (await painter.takeLog()).keys;
  const shares = keys.flatMap(({ sentAtMs, messageAtMs }, index) => {
    const paint = painted[index];
    if (paint === undefined) return [];
    return [messageAtMs - sentAtMs - (paint.paintedAtMs - paint.heardAtMs)];
  });
  return { ...measured, serverSharesMs: shares };
}
