import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';

import { attachSharedSegment, createSharedSegment } from './shm.ts';

/** Whether the machine still has a segment of this number (proc(5), sysvipc/shm: the second column). */
function exists(id: number): boolean {
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1);
  return rows.some((row) => Number(row.trim().split(/\s+/)[1]) === id);
}

describe('a shared segment', () => {
  test('begins as zeros, and shows all who map it the same bytes', () => {
    using owner = createSharedSegment(10_000);
    owner.remove();
    using other = attachSharedSegment(owner, { readOnly: true });
    expect(new Uint8Array(owner.memory()).every((byte) => byte === 0)).toBe(true);
    new Uint8Array(owner.memory())[9_999] = 42;
    expect(new Uint8Array(other.memory())[9_999]).toBe(42);
    expect(other.address).not.toBe(owner.address);
  });

  test('that was removed can be mapped while somebody has it, and is gone after the last', () => {
    const owner = createSharedSegment(4096);
    owner.remove();
    const other = attachSharedSegment(owner);
    owner.detach();
    expect(exists(owner.id)).toBe(true);
    other.detach();
    expect(exists(owner.id)).toBe(false);
    expect(() => attachSharedSegment(owner)).toThrow(expect.objectContaining({ code: 'HOST_FULL' }));
  });

  test('leaves views empty when it is unmapped, instead of ending the process at the next look', () => {
    const segment = createSharedSegment(4096);
    segment.remove();
    const view = new Uint8Array(segment.memory());
    segment.detach();
    segment.detach();
    expect(view.length).toBe(0);
    expect(segment.memory().byteLength).toBe(0);
  });

  test('larger than any machine has is refused, and nothing is left', () => {
    expect(() => createSharedSegment(2 ** 50)).toThrow(expect.objectContaining({ code: 'HOST_FULL' }));
  });
});
