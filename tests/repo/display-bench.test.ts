import { describe, expect, test } from 'bun:test';

import { cropped, equalShare, ssim, type Pixels } from '../../bench/display/figure/ssim.ts';
import {
  cellsOfRow,
  numberOf,
  paintStrip,
  stripHeight,
  stripOf,
  stripWidth,
} from '../../bench/display/figure/strip.ts';
import { figuresOf, type Summary } from '../../bench/display/figure/summary.ts';
import { judge } from '../../bench/display/figure/targets.ts';
import { LinkQueue } from '../../bench/display/link/link-queue.ts';
import { parseOptions } from '../../bench/display/options.ts';
import { filmIndex } from '../../bench/display/scene/film.ts';
import { percentile } from '../../bench/harness.ts';

describe('the strip with a frame’s number', () => {
  const brightnesses = (number: number) => stripOf(number).map((isWhite) => (isWhite ? 255 : 0));

  test('every number is read back', () => {
    for (let number = 0; number < 65_536; number += 7) expect(numberOf(brightnesses(number))).toBe(number);
  });

  test('it is read from painted pixels, whatever is around it', () => {
    const width = 500;
    const words = new Int32Array(width * 40).fill(0x12_3456);
    paintStrip(words, 5 * width + 20, width, 4321);
    const middle = 5 + stripHeight / 2;
    const row = new Uint8Array(words.buffer, (middle * width + 20) * 4, stripWidth * 4);
    expect(numberOf(cellsOfRow(row))).toBe(4321);
  });

  test('a lossy codec may change the brightness', () => {
    const blurred = brightnesses(1999).map((value, cell) => (value === 255 ? 255 - (cell % 7) * 10 : (cell % 7) * 10));
    expect(numberOf(blurred)).toBe(1999);
  });

  test('grey, empty, full and short strips are none', () => {
    for (const cells of [stripOf(7).map(() => 128), stripOf(7).map(() => 0), stripOf(7).map(() => 255), [0, 255]])
      expect(numberOf(cells)).toBeUndefined();
  });

  test('two halves of neighbouring frames are not taken for a third', () => {
    for (let number = 0; number < 2000; number++) {
      const [a, b] = [brightnesses(number), brightnesses(number + 1)];
      for (let cut = 1; cut < a.length; cut++) {
        const seen = numberOf([...a.slice(0, cut), ...b.slice(cut)]);
        if (seen !== undefined) expect([number, number + 1]).toContain(seen);
      }
    }
  });
});

describe('structural similarity', () => {
  const picture = (colour: (x: number, y: number) => number): Pixels => {
    const [width, height] = [64, 48];
    return {
      width,
      height,
      words: Int32Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width))),
    };
  };
  const grey = (value: number) => value * 0x01_0101;
  const chequers = picture((x, y) => grey(((x >> 2) + (y >> 2)) % 2 === 0 ? 40 : 200));

  test('a picture is like itself', () => {
    expect(ssim(chequers, chequers)).toBe(1);
    expect(equalShare(chequers, chequers)).toBe(1);
  });

  test('its negative is unlike it', () => {
    const negative = { ...chequers, words: chequers.words.map((word) => 0xff_ffff - word) };
    expect(ssim(chequers, negative)).toBeLessThan(0);
  });

  test('two flat pictures differ by the term of brightness alone', () => {
    const [dark, light] = [picture(() => grey(100)), picture(() => grey(120))];
    expect(ssim(dark, light)).toBeCloseTo((2 * 100 * 120 + 6.5025) / (100 ** 2 + 120 ** 2 + 6.5025), 6);
  });

  test('more noise is less alike', () => {
    const noisy = (strength: number) => ({
      ...chequers,
      words: chequers.words.map((word, i) => grey((word & 0xff) + ((i * 7919) % (2 * strength + 1)) - strength)),
    });
    expect(ssim(chequers, noisy(4))).toBeGreaterThan(ssim(chequers, noisy(16)));
    expect(ssim(chequers, noisy(16))).toBeGreaterThan(ssim(chequers, noisy(40)));
  });

  test('the unused byte of a pixel does not count', () => {
    const opaque = { ...chequers, words: chequers.words.map((word) => word | 0xff00_0000) };
    expect(equalShare(chequers, opaque)).toBe(1);
    expect(ssim(chequers, opaque)).toBe(1);
  });

  test('a part of a picture is cut out where it is', () => {
    const numbered = picture((x, y) => y * 1000 + x);
    const part = cropped(numbered, { x: 10, y: 20, width: 2, height: 2 });
    expect([...part.words]).toEqual([20_010, 20_011, 21_010, 21_011]);
  });
});

describe('an emulated link', () => {
  const packet = (bytes: number) => new Uint8Array(bytes);
  const shape = { bitsPerSecond: 8_000_000, delayMs: 20, loss: 0, queuePackets: 3 }; // 1000 bytes a millisecond

  test('packets arrive at the line’s rate, and the delay later', () => {
    const link = new LinkQueue(shape);
    link.push(packet(1000), 0);
    link.push(packet(500), 0);
    expect(link.nextAtMs).toBe(21);
    expect(link.tryTake(20.9)).toBeUndefined();
    expect(link.tryTake(21)?.length).toBe(1000);
    expect(link.nextAtMs).toBe(21.5);
  });

  test('a line that was idle sends at once', () => {
    const link = new LinkQueue(shape);
    link.push(packet(1000), 0);
    link.push(packet(1000), 100);
    link.tryTake(50);
    expect(link.nextAtMs).toBe(121);
  });

  test('what does not fit into the queue is dropped, and what is under way takes no place in it', () => {
    const link = new LinkQueue(shape);
    for (let i = 0; i < 5; i++) link.push(packet(1000), 0);
    expect(link.dropped).toBe(2);
    link.push(packet(1000), 1.5);
    expect(link.dropped).toBe(2);
  });

  test('a share of the packets is lost', () => {
    let turn = 0;
    const link = new LinkQueue({ ...shape, loss: 0.25, queuePackets: 100 }, () => (turn++ % 4) / 4);
    for (let i = 0; i < 40; i++) link.push(packet(10), i);
    expect(link.lost).toBe(10);
  });
});

describe('figures', () => {
  test('percentiles are values that occurred', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(values, 0.5)).toBe(51);
    expect(percentile(values, 0.95)).toBe(96);
    expect(percentile([7], 0.95)).toBe(7);
  });

  test('runs are summed up over all of their time', () => {
    const run = { bytes: 1000, cpuSeconds: 0.5, framesShown: 30, framesDrawn: 60, frameLatenciesMs: [5, 15] };
    const figures = figuresOf([
      { ...run, seconds: 1 },
      { ...run, seconds: 3, equalResting: 0.5 },
    ]);
    expect(figures).toMatchObject({ shown: 15, drawn: 30, kbitPerSecond: 4, cpuPercent: 25, equalResting: 0.5 });
    expect(figures.kbytePerFrame).toBeCloseTo(2 / 60, 9);
    expect(figures.keyP50).toBeUndefined();
  });

  test('targets are held against the better of the peers', () => {
    const key = (server: Summary['server'], keyP50: number): Summary => ({
      link: 'lan',
      workload: 'key',
      server,
      figures: { keyP50 },
    });
    const [slower] = judge([key('ours', 8), key('tigervnc', 10), key('x11vnc', 40)]);
    expect(slower).toMatchObject({ isMet: false, is: '0.80 × (8.00 to 10.0)' });
    const [faster] = judge([key('ours', 7), key('tigervnc', 10), key('x11vnc', 40)]);
    expect(faster?.isMet).toBe(true);
    expect(judge([key('ours', 7)])[0]?.isMet).toBeUndefined();
  });

  test('a film is shown forwards and backwards', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((tick) => filmIndex(tick, 4))).toEqual([0, 1, 2, 3, 2, 1, 0, 1]);
  });
});

describe('options', () => {
  test('without any, everything is measured', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({
      servers: ['ours', 'tigervnc', 'x11vnc'],
      links: ['lan', '20mbit', '5mbit'],
      isFull: true,
    });
    expect(options.workloadsFor('lan')).toContain('idle');
    expect(options.workloadsFor('5mbit')).not.toContain('idle');
  });

  test('what is named is measured, on every link that is named', () => {
    const options = parseOptions(['--only', 'idle', '--link', '5mbit', '--server', 'ours', '--runs', '3']);
    expect(options).toMatchObject({ servers: ['ours'], links: ['5mbit'], runs: 3, isFull: false });
    expect(options.workloadsFor('5mbit')).toEqual(['idle']);
  });

  test('a name that is none is refused', () => {
    for (const args of [['--only', 'tea'], ['--server', 'tea'], ['--link', 'tea'], ['--runs', '0'], ['--tea']])
      expect(() => parseOptions(args)).toThrow();
  });
});
