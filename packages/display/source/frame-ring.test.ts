import { bgrx8888, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import { expect, test } from 'bun:test';
import { FrameRing } from './frame-ring.ts';

const shape = { width: 33, height: 20, format: bgrx8888 };

test('rows are padded to 32 bits, as X has them', () => {
  using wide = new FrameRing(shape, () => {});
  using narrow = new FrameRing({ ...shape, format: rgb565 }, () => {});
  expect(wide.strideBytes).toBe(132);
  expect(narrow.strideBytes).toBe(68);
});

test('a held frame and the current one are never handed out for writing', () => {
  let freed = 0;
  using ring = new FrameRing(shape, () => freed++);
  const slots = new Set();
  const first = ring.tryTakeFree();
  if (first === undefined) throw new Error('no slot');
  const held = ring.publish(first, 1);
  held.retain();
  for (let serial = 2; serial < 5; serial++) {
    const slot = ring.tryTakeFree();
    if (slot === undefined) throw new Error('no slot');
    expect(slot).not.toBe(first);
    slots.add(slot);
    ring.publish(slot, serial);
  }
  expect(slots.size).toBe(2);
  const current = ring.publish([...ring.slots].find((slot) => slot !== first && slot !== ring.current) ?? first, 9);
  const other = ring.slots.find((slot) => slot !== first && slot !== ring.current);
  if (other !== undefined) other.references++;
  expect(ring.tryTakeFree()).toBeUndefined();
  expect(current.serial).toBe(9);
  held.release();
  expect(freed).toBe(1);
  expect(ring.tryTakeFree()).toBe(first);
});

test('a frame that is held outlives its ring, and no longer', () => {
  const retired: number[] = [];
  const ring = new FrameRing(
    shape,
    () => {},
    ({ id }) => retired.push(id),
  );
  const [slot] = ring.slots;
  if (slot === undefined) throw new Error('no slot');
  const frame = ring.publish(slot, 1);
  frame.retain();
  ring[Symbol.dispose]();
  expect(frame.segment.memory().byteLength).toBe(132 * 20);
  // Whoever encodes must know the segment for as long as the frame is held.
  expect(retired).toEqual(ring.slots.slice(1).map(({ segment }) => segment.id));
  frame.release();
  expect(retired).toContain(frame.segment.id);
  expect(frame.segment.memory().byteLength).toBe(0);
});
