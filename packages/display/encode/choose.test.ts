import { Encoding } from '@bhatti/rfb/numbers.ts';
import { regionOf } from '@bhatti/rfb/region.ts';
import { describe, expect, test } from 'bun:test';
import { VideoChooser } from './choose.ts';

const size = { width: 1280, height: 720 };
const film = { x: 160, y: 96, width: 320, height: 240 };

function setUp() {
  const chooser = new VideoChooser(size);
  let nowMs = 1000;
  const isPicture = (rect: typeof film, isLossy = true) =>
    chooser.noteEncoded([{ rect, encoding: Encoding.tight, isLossy, bytes: new Uint8Array(0) }]);
  return {
    chooser,
    isPicture,
    /** Changes the rects `times` times, every `everyMs`. */
    change: (
      rects: readonly (typeof film)[],
      { times, everyMs, heldMs = 0 }: { times: number; everyMs: number; heldMs?: number },
    ) => {
      for (let i = 0; i < times; i++) {
        nowMs += everyMs;
        chooser.noteFrame({ changed: regionOf(...rects), moves: [], heldMs }, nowMs);
      }
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
    areas: () => chooser.areas(nowMs).map(({ rect }) => rect),
    ids: () => chooser.areas(nowMs).map(({ id }) => id),
    now: () => nowMs,
  };
}

describe('an area', () => {
  test('that keeps changing like a film is video within some 150 ms, and none any more soon after it rests', () => {
    const { change, areas, isPicture, wait } = setUp();
    isPicture(film);
    change([film], { times: 2, everyMs: 33 });
    expect(areas()).toEqual([]);
    change([film], { times: 4, everyMs: 33 });
    expect(areas()).toEqual([film]);
    wait(100);
    expect(areas()).toEqual([film]);
    wait(30);
    expect(areas()).toEqual([]);
  });

  test('that changes now and then is none', () => {
    const { change, areas, isPicture } = setUp();
    isPicture(film);
    change([film], { times: 50, everyMs: 120 });
    expect(areas()).toEqual([]);
  });

  test('that changes as fast as a film is video also where a slow network takes few of its frames', () => {
    const { change, areas, isPicture } = setUp();
    isPicture(film);
    change([film], { times: 1, everyMs: 1000, heldMs: 500 });
    expect(areas()).toEqual([]);
    change([film], { times: 3, everyMs: 140, heldMs: 110 });
    expect(areas()).toEqual([film]);
  });

  test('of text that scrolls is none where a slow network takes few of its frames', () => {
    const { change, areas } = setUp();
    change([{ x: 0, y: 64, width: 1280, height: 640 }], { times: 20, everyMs: 140, heldMs: 110 });
    expect(areas()).toEqual([]);
  });

  test('of text is none, unless it is large', () => {
    const { change, areas, isPicture } = setUp();
    isPicture(film, false);
    change([film], { times: 30, everyMs: 16 });
    expect(areas()).toEqual([]);
    const page = { x: 0, y: 64, width: 1280, height: 640 };
    change([page], { times: 30, everyMs: 16 });
    expect(areas()).toEqual([page]);
  });

  test('that moves explain is none', () => {
    const { chooser, areas, now, wait } = setUp();
    const page = regionOf({ x: 0, y: 0, ...size });
    for (let i = 0; i < 30; i++) {
      wait(16);
      chooser.noteFrame({ changed: page, moves: [{ to: page, dx: 0, dy: -8 }] }, now());
    }
    expect(areas()).toEqual([]);
  });

  test('stays as it is while what changes in it varies, and grows with what sticks out', () => {
    const { change, areas, ids, isPicture } = setUp();
    isPicture({ x: 0, y: 0, ...size });
    change([film], { times: 8, everyMs: 16 });
    const [id] = ids();
    for (let i = 0; i < 20; i++) change([{ ...film, height: i % 2 === 0 ? 240 : 160 }], { times: 1, everyMs: 16 });
    expect(ids()).toEqual([id ?? 0]);
    const larger = { ...film, width: 400 };
    change([larger], { times: 20, everyMs: 16 });
    expect(areas()).toEqual([larger]);
    expect(ids()).not.toEqual([id ?? 0]);
  });

  test('that is mostly still for long becomes smaller', () => {
    const { change, areas, isPicture } = setUp();
    isPicture(film);
    change([film], { times: 10, everyMs: 16 });
    const part = { x: 160, y: 96, width: 112, height: 112 };
    change([part], { times: 90, everyMs: 16 });
    expect(areas()).toEqual([part]);
  });

  test('has even sides at the edge of an odd screen, and is not larger than can be encoded', () => {
    const chooser = new VideoChooser({ width: 3841, height: 2161 });
    const rectsAfter = (rect: typeof film, from: number) => {
      for (let i = 0; i < 20; i++) chooser.noteFrame({ changed: regionOf(rect), moves: [] }, from + i * 16);
      return chooser.areas(from + 320).map(({ rect: area }) => area);
    };
    expect(rectsAfter({ x: 3200, y: 1600, width: 641, height: 561 }, 1000)).toEqual([
      { x: 3200, y: 1600, width: 640, height: 560 },
    ]);
    expect(rectsAfter({ x: 0, y: 0, width: 3841, height: 2161 }, 9000)).toEqual([]);
  });

  test('is sent as pictures for a while when the processor is short, longer each time', () => {
    const { chooser, change, areas, isPicture, now } = setUp();
    isPicture(film);
    change([film], { times: 10, everyMs: 16 });
    chooser.spareProcessor(now());
    expect(areas()).toEqual([]);
    change([film], { times: 140, everyMs: 16 });
    expect(areas()).toEqual([film]);
    chooser.spareProcessor(now());
    change([film], { times: 140, everyMs: 16 });
    expect(areas()).toEqual([]);
    change([film], { times: 140, everyMs: 16 });
    expect(areas()).toEqual([film]);
  });
});
