import { DesktopSizeReason, DesktopSizeStatus } from '@bhatti/rfb/numbers.ts';
import { expect, test } from 'bun:test';
import { type DesktopLayout, Resizer, type SizeListener } from './resizer.ts';

function listener(): SizeListener & { heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    onLayout: ({ width, height }, reason) => heard.push(`${width}x${height} because ${reason}`),
    onRefused: (status) => heard.push(`refused ${status}`),
  };
}

function layout(width: number, height: number): DesktopLayout {
  return { width, height, screens: [{ id: 7, x: 0, y: 0, width, height, flags: 0 }] };
}

function answer(size: DesktopLayout, reason: number, status = 0) {
  return { type: 'extendedDesktopSize', ...size, reason, status } as const;
}

function setUp() {
  const asked: DesktopLayout[] = [];
  const resizer = new Resizer({ width: 100, height: 100 }, (wanted) => asked.push(wanted));
  const [one, two] = [listener(), listener()];
  resizer.add(one);
  resizer.add(two);
  return { asked, resizer, one, two };
}

test('who asked hears that it did, the others that somebody did, once the framebuffer has the size', () => {
  const { asked, resizer, one, two } = setUp();
  resizer.request(one, layout(200, 150));
  expect(asked).toHaveLength(1);
  resizer.takeAnswer(answer(layout(200, 150), DesktopSizeReason.client));
  expect([...one.heard, ...two.heard]).toEqual([]);
  resizer.takeFramebuffer({ width: 200, height: 150 });
  expect(one.heard).toEqual(['200x150 because 1']);
  expect(two.heard).toEqual(['200x150 because 2']);
});

test('the framebuffer may change before the answer comes', () => {
  const { resizer, one, two } = setUp();
  resizer.request(one, layout(200, 150));
  resizer.takeFramebuffer({ width: 200, height: 150 });
  expect(one.heard).toEqual([]);
  resizer.takeAnswer(answer(layout(200, 150), DesktopSizeReason.client));
  expect(one.heard).toEqual(['200x150 because 1']);
  expect(two.heard).toEqual(['200x150 because 2']);
});

test('a size that a program of the desktop chose is nobody’s', () => {
  const { resizer, one } = setUp();
  resizer.takeAnswer(answer(layout(300, 300), DesktopSizeReason.server));
  resizer.takeFramebuffer({ width: 300, height: 300 });
  expect(one.heard).toEqual(['300x300 because 0']);
});

test('a refusal goes to who asked, and nothing changes', () => {
  const { resizer, one, two } = setUp();
  resizer.request(one, layout(200, 150));
  resizer.takeAnswer(answer(layout(100, 100), DesktopSizeReason.client, DesktopSizeStatus.outOfResources));
  expect(one.heard).toEqual(['refused 2']);
  expect(two.heard).toEqual([]);
});

test('impossible sizes are refused without asking X', () => {
  const { asked, resizer, one } = setUp();
  resizer.request(one, layout(0, 0));
  resizer.request(one, layout(50_000, 50_000));
  resizer.request(one, { width: 10, height: 10, screens: [] });
  expect(one.heard).toEqual(['refused 3', 'refused 2', 'refused 3']);
  expect(asked).toEqual([]);
});

test('the answer for a viewer that left is given to nobody', () => {
  const { resizer, one, two } = setUp();
  resizer.request(one, layout(200, 150));
  resizer.remove(one);
  resizer.takeAnswer(answer(layout(200, 150), DesktopSizeReason.client));
  resizer.takeFramebuffer({ width: 200, height: 150 });
  expect(one.heard).toEqual([]);
  expect(two.heard).toEqual(['200x150 because 0']);
});

test('a size above what viewers may ask for is undone, and nobody hears of it', () => {
  const { asked, resizer, one } = setUp();
  const before = resizer.layout;
  resizer.takeAnswer(answer(layout(30_000, 200), DesktopSizeReason.server));
  expect(asked).toEqual([before]);
  resizer.takeAnswer(answer(before, DesktopSizeReason.client));
  expect(resizer.layout).toMatchObject({ width: 100, height: 100 });
  expect(new Set(one.heard.map((heard) => heard.split(' ')[0]))).toEqual(new Set(['100x100']));
});
