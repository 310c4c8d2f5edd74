import { CodedError } from '@bhatti/base/errors.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { describe, expect, test } from 'bun:test';
import type { VideoJob } from './encode-job.ts';
import { VideoStreams } from './video-streams.ts';

const area = { id: 1, rect: { x: 0, y: 0, width: 128, height: 128 } };
const framebuffer = { segmentId: 1, offsetBytes: 0, widthPx: 640, heightPx: 480, strideBytes: 2560, format: bgrx8888 };
const frame = (serial: number) => ({ serial, framebuffer });

/** Pictures of one byte: their number, from 100 on where they are key pictures. */
function setUp(fail?: CodedError) {
  const jobs: VideoJob[] = [];
  const ended: number[] = [];
  const known = new Set<number>();
  const streams = new VideoStreams(
    {
      async video(job) {
        if (fail !== undefined) throw fail;
        jobs.push(job);
        const isKey = job.isKey || !known.has(job.streamId);
        known.add(job.streamId);
        return { bytes: Uint8Array.of(jobs.length + (isKey ? 100 : 0)), isKey };
      },
      endVideo: (id) => ended.push(id),
    },
    () => {},
  );
  const open = () => {
    const seat = streams.openSeat();
    return {
      seat,
      /** Flags and pictures of the rect. */
      show: async (serial: number, bitsPerSecond = 8e6) => {
        const shown = await seat.show(area, frame(serial), bitsPerSecond);
        return shown === undefined ? undefined : [shown.bytes[19], ...shown.bytes.subarray(20)];
      },
    };
  };
  return { streams, jobs, ended, open };
}

describe('a video stream', () => {
  test('begins with a key picture in a new context and goes on without', async () => {
    const { show } = setUp().open();
    expect(await show(1)).toEqual([1, 101]);
    expect(await show(2)).toEqual([0, 2]);
    expect(await show(3)).toEqual([0, 3]);
  });

  test('is encoded once for two viewers, whichever asks first', async () => {
    const { open, jobs } = setUp();
    const [one, two] = [open(), open()];
    expect(await Promise.all([one.show(1), two.show(1)])).toEqual([
      [1, 101],
      [1, 101],
    ]);
    expect(await Promise.all([two.show(2), one.show(2)])).toEqual([
      [0, 2],
      [0, 2],
    ]);
    expect(jobs.length).toBe(2);
  });

  test('gives a viewer that reads seldom what it has missed, together', async () => {
    const { open, jobs } = setUp();
    const [one, two] = [open(), open()];
    await one.show(1);
    await two.show(1);
    for (const serial of [2, 3, 4]) await one.show(serial);
    expect(await two.show(4)).toEqual([0, 2, 3, 4]);
    expect(jobs.length).toBe(4);
  });

  test('begins anew with a key picture for a viewer that missed too much, and costs the others nothing more', async () => {
    const { open, jobs } = setUp();
    const [one, two] = [open(), open()];
    await one.show(1);
    await two.show(1);
    for (let serial = 2; serial < 60; serial++) await one.show(serial);
    expect(jobs.filter(({ isKey }) => isKey).length).toBe(1);
    expect(await two.show(60)).toEqual([0, 160]);
    expect(await one.show(60)).toEqual([0, 160]);
  });

  test('starts in a new context, from the last key picture on, when what was shown got lost', async () => {
    const { seat, show } = setUp().open();
    await show(1);
    seat.lose();
    expect(await show(2)).toEqual([1, 101, 2]);
    expect(await show(3)).toEqual([0, 3]);
  });

  test('makes a new key picture for a viewer that joins when the way from the last one is long', async () => {
    const { open } = setUp();
    const one = open();
    for (let serial = 1; serial < 9; serial++) await one.show(serial);
    expect(await open().show(9)).toEqual([1, 109]);
  });

  test('has the rate of its slowest viewer, and one that could have much more has a stream of its own', async () => {
    const { open, jobs } = setUp();
    const [slow, middle, fast] = [open(), open(), open()];
    await slow.show(1, 4e6);
    await middle.show(1, 6e6);
    await fast.show(1, 40e6);
    expect(new Set(jobs.map(({ streamId }) => streamId)).size).toBe(2);
    const rates = [...new Set(jobs.map((job) => job.bytesPerPicture))];
    expect(rates.length).toBe(2);
  });

  test('ends when nobody takes part any more', async () => {
    const { open, ended } = setUp();
    const [one, two] = [open(), open()];
    await one.show(1);
    await two.show(1);
    one.seat.keep([]);
    await Promise.resolve();
    expect(ended).toEqual([]);
    two.seat.keep([]);
    await Promise.resolve();
    expect(ended).toEqual([1]);
  });

  test('is no more offered when the library is missing', async () => {
    const { streams, open } = setUp(new CodedError('TOOL_MISSING', 'no library', { tool: 'libopenh264.so.7' }));
    expect(streams.isMissing).toBe(false);
    expect(await open().show(1)).toBeUndefined();
    expect(streams.isMissing).toBe(true);
  });
});
