import { sleep } from '@bhatti/base/operation.ts';

import { evaluate } from './page-world.ts';
import type { Tab } from './tab.ts';

const pollMs = 25;
const beginMs = 50; // until a click or a key that leads to another page has begun to load it

/** Does `act`, and when that begins to load another page, waits until it has loaded: the next call of the turn is meant for that one. */
export async function thenLoaded(
  tab: Tab,
  act: () => Promise<void>,
  limits: { readonly loadMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { loads } = tab;
  await act();
  await sleep(limits, beginMs);
  const deadline = performance.now() + limits.loadMs;
  while (tab.loads !== loads && tab.isLoading && performance.now() < deadline) await sleep(limits, pollMs);
}

// The wheel's event reaches the page later than its answer reaches us, and pages glide to where it takes them. Events of what scrolls inside the page are seen on the way down.
const untilStill = `new Promise((resolve) => {
  const begun = performance.now();
  let moved = begun;
  const onScroll = () => { moved = performance.now(); };
  addEventListener('scroll', onScroll, true);
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - moved < 100 && now - begun < 1500) return;
    clearInterval(timer);
    removeEventListener('scroll', onScroll, true);
    resolve();
  }, 20);
})`;

/** Does `act`, and waits until nothing scrolls any more. */
export async function thenStill(tab: Tab, act: () => Promise<void>): Promise<void> {
  await act();
  await evaluate(tab.session, tab.frameId, untilStill);
}
