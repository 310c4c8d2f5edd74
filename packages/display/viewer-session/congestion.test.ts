import { expect, test } from 'bun:test';
import { Congestion } from './congestion.ts';

/** Sends updates of one size over a link that carries `bytesPerMs` with a fixed delay, as many as the window allows, and gives the longest round trip of the second half. */
function runLink(link: { bytesPerMs: number; delayMs: number; updateBytes: number; updates: number }) {
  const congestion = new Congestion();
  const arriving: { id: number; atMs: number; sentAtMs: number }[] = [];
  let nowMs = 0;
  let linkFreeAtMs = 0;
  let longestMs = 0;
  for (let sent = 0; sent < link.updates;) {
    if (!congestion.isCongested(0)) {
      const id = congestion.send(link.updateBytes, nowMs);
      linkFreeAtMs = Math.max(linkFreeAtMs, nowMs) + link.updateBytes / link.bytesPerMs;
      arriving.push({ id, atMs: linkFreeAtMs + link.delayMs, sentAtMs: nowMs });
      sent++;
      nowMs += 1;
      continue;
    }
    const next = arriving.shift();
    if (next === undefined) throw new Error('congested without anything on its way');
    nowMs = Math.max(nowMs, next.atMs);
    if (sent > link.updates / 2) longestMs = Math.max(longestMs, nowMs - next.sentAtMs);
    congestion.receive(next.id, nowMs);
  }
  return { longestMs, congestion };
}

test('an idle connection takes an update of any size', () => {
  const congestion = new Congestion();
  congestion.send(50_000_000, 0);
  expect(congestion.isCongested(0)).toBe(true);
  congestion.receive(1, 10);
  expect(congestion.isCongested(0)).toBe(false);
});

test('on a slow link the queue stays short', () => {
  const { longestMs } = runLink({ bytesPerMs: 625, delayMs: 80, updateBytes: 20_000, updates: 400 });
  expect(longestMs).toBeLessThan(300);
});

test('on a fast link with a long way the window opens', () => {
  const { congestion } = runLink({ bytesPerMs: 100_000, delayMs: 100, updateBytes: 200_000, updates: 400 });
  expect(congestion.windowBytes).toBeGreaterThan(1_000_000);
});

test('bytes that the kernel did not take hold up the next update', () => {
  expect(new Congestion().isCongested(100_000)).toBe(true);
});

test('an answer to a fence that was never sent changes nothing', () => {
  const congestion = new Congestion();
  congestion.send(10, 0);
  congestion.receive(77, 5);
  expect(congestion.bytesInFlight).toBe(10);
});
