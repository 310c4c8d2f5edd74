import type { Area, KeyTimes } from '../page/probe-hooks.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { startMeter } from './meter.ts';
import type { Measured, Setting } from './workload.ts';

const keyGapMs = 120;
const letters = 'etaoinshrdlu';
const lostAfterMs = 10_000;

/** Presses keys one after the other, each when the effect of the one before was seen, at about the pace of somebody who types fast. */
export async function pressKeys(viewer: Viewer, untilMs: number): Promise<void> {
  for (let press = 0; performance.now() < untilMs; press++) {
    await viewer.page.keyboard.press(letters[press % letters.length] ?? 'e');
    const lostAtMs = performance.now() + lostAfterMs;
    while ((await viewer.isPending()) && performance.now() < lostAtMs) await Bun.sleep(5);
    // So late that nobody waits for it: it counts as this late.
    await viewer.giveUp();
    // Not in step with anything that has a clock of its own.
    await Bun.sleep(keyGapMs + Math.random() * 50);
  }
}

/** Keys on a desktop that is at rest otherwise. */
export async function measureKeys(
  setting: Setting,
  viewer: Viewer,
  options: { readonly area: Area; readonly seconds: number },
): Promise<Measured & { readonly keys: readonly KeyTimes[] }> {
  await viewer.watch({ key: options.area });
  const read = startMeter(setting);
  await pressKeys(viewer, performance.now() + options.seconds * 1000);
  const costs = read();
  const { keys } = await viewer.takeLog();
  return { ...costs, keys, keyLatenciesMs: latenciesOf(keys) };
}

export function latenciesOf(keys: readonly KeyTimes[]): number[] {
  return keys.map(({ pressedAtMs, seenAtMs }) => seenAtMs - pressedAtMs);
}
