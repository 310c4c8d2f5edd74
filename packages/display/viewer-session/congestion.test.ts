import { describe, expect, test } from 'bun:test';
import { Congestion } from './congestion.ts';
import { PictureBudget } from './picture-budget.ts';

interface Link {
  readonly bytesPerMs: number;
  /** There and back. */
  readonly delayMs: number;
  /** How many updates of a thousand lose a packet, which costs all behind it a round trip more. */
  readonly lossPerMille?: number;
}

/** A film of 30 pictures a second that fit what the network takes, over a link of its own clock; every second picture in a hundred is much larger. */
class Film {
  readonly congestion = new Congestion();
  readonly budget = new PictureBudget();
  nowMs = 0;
  shown = 0;
  bytes = 0;
  /** Of each picture that was sent: how long it took beyond the way there. */
  delaysMs: number[] = [];
  #linkFreeAtMs = 0;
  #lastArrivalMs = 0;
  #seed = 1;
  readonly #arriving: { id: number; atMs: number }[] = [];

  play(link: Link, seconds: number): void {
    this.delaysMs = [];
    this.shown = 0;
    this.bytes = 0;
    const end = this.nowMs + seconds * 1000;
    for (; this.nowMs < end; this.nowMs += 1000 / 30) {
      while ((this.#arriving[0]?.atMs ?? Infinity) <= this.nowMs) {
        const { id, atMs } = this.#arriving.shift() ?? { id: 0, atMs: 0 };
        this.congestion.receive(id, atMs);
      }
      if (!this.congestion.isCongested(0)) this.#send(link);
    }
  }

  #send({ bytesPerMs, delayMs, lossPerMille = 0 }: Link): void {
    const bits = this.budget.videoBitsPerSecond(this.congestion.bytesPerMs, true);
    const isKey = this.#random() < 0.01;
    const bytes = Math.round((bits / 8 / 30) * (0.7 + 0.6 * this.#random()) * (isKey ? 4 : 1));
    const id = this.congestion.send(bytes, this.nowMs);
    this.#linkFreeAtMs = Math.max(this.#linkFreeAtMs, this.nowMs) + bytes / bytesPerMs;
    const lostMs = this.#random() * 1000 < lossPerMille * (bytes / 1400) ? delayMs : 0;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#linkFreeAtMs + delayMs + lostMs);
    this.#arriving.push({ id, atMs: this.#lastArrivalMs });
    this.delaysMs.push(this.#lastArrivalMs - this.nowMs - delayMs);
    this.shown++;
    this.bytes += bytes;
  }

  p95(): number {
    return this.delaysMs.toSorted((a, b) => a - b)[Math.floor(this.delaysMs.length * 0.95)] ?? Infinity;
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return this.#seed / 0x8000_0000;
  }
}

const links = {
  '20 Mbit/s and 40 ms': { bytesPerMs: 2500, delayMs: 40 },
  '5 Mbit/s, 80 ms and 5 ‰ of packets lost': { bytesPerMs: 625, delayMs: 80, lossPerMille: 5 },
  '1 Mbit/s and 150 ms': { bytesPerMs: 125, delayMs: 150 },
};

describe('a film', () => {
  for (const [name, link] of Object.entries(links)) {
    test(`over ${name} waits for no more than 300 ms, uses the link, and runs on`, () => {
      const film = new Film();
      film.play(link, 5);
      film.play(link, 60);
      expect(film.p95()).toBeLessThanOrEqual(300);
      expect(film.bytes / 60_000).toBeGreaterThan(link.bytesPerMs * 0.5);
      expect(film.shown / 60).toBeGreaterThan(20);
    });
  }

  test('comes back to its best when the network does', () => {
    const film = new Film();
    film.play(links['5 Mbit/s, 80 ms and 5 ‰ of packets lost'], 20);
    film.play({ bytesPerMs: 100_000, delayMs: 20 }, 25);
    expect(film.budget.videoBitsPerSecond(film.congestion.bytesPerMs, true)).toBe(40_000_000);
  });

  test('that begins on a desktop at rest finds the network as slow as it was, and after minutes of rest as fast as it may be', () => {
    const film = new Film();
    film.play(links['5 Mbit/s, 80 ms and 5 ‰ of packets lost'], 20);
    const before = film.congestion.bytesPerMs;
    const restFor = (seconds: number) => {
      // A clock on the desktop.
      for (let second = 0; second < seconds; second++, film.nowMs += 1000) {
        film.congestion.receive(film.congestion.send(300, film.nowMs), film.nowMs + 80);
      }
    };
    film.nowMs += 1000;
    restFor(10);
    expect(film.congestion.bytesPerMs).toBeLessThan(before * 1.5);
    restFor(300);
    expect(film.congestion.bytesPerMs).toBe(Infinity);
  });

  test('on a fast network is never held back', () => {
    const film = new Film();
    film.play({ bytesPerMs: 100_000, delayMs: 1 }, 20);
    expect(film.congestion.bytesPerMs).toBe(Infinity);
    expect(film.shown).toBeGreaterThanOrEqual(600);
  });
});

describe('congestion', () => {
  test('an idle connection takes an update of any size', () => {
    const congestion = new Congestion();
    congestion.send(50_000_000, 0);
    expect(congestion.isCongested(0)).toBe(true);
    congestion.receive(1, 10);
    expect(congestion.isCongested(0)).toBe(false);
  });

  test('on a fast link with a long way the window opens', () => {
    const congestion = new Congestion();
    const arriving: { id: number; atMs: number }[] = [];
    let nowMs = 0;
    for (let sent = 0; sent < 400;) {
      const next = arriving[0];
      if (!congestion.isCongested(0)) {
        arriving.push({ id: congestion.send(200_000, nowMs), atMs: nowMs + 102 });
        sent++;
        nowMs += 2;
      } else if (next !== undefined) {
        arriving.shift();
        nowMs = Math.max(nowMs, next.atMs);
        congestion.receive(next.id, nowMs);
      }
    }
    expect(congestion.windowBytes).toBeGreaterThan(1_000_000);
  });

  test('a viewer that answers late, while little is on its way, is not taken for one on a slow network', () => {
    const congestion = new Congestion();
    for (let i = 0; i < 200; i++) {
      const id = congestion.send(1500, i * 100);
      congestion.receive(id, i * 100 + (i % 3) * 40 + 1);
    }
    expect(congestion.bytesPerMs).toBe(Infinity);
  });

  test('the first picture shows what the network takes, when the way there was measured just before it', () => {
    const congestion = new Congestion();
    const [way, picture] = [congestion.send(0, 0), congestion.send(300_000, 0)];
    congestion.receive(way, 80);
    congestion.receive(picture, 80 + 300_000 / 437);
    expect(congestion.bytesPerMs).toBeGreaterThan(437 * 0.8);
    expect(congestion.bytesPerMs).toBeLessThan(437);
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

  test('a viewer that never answers holds nothing but its last updates', () => {
    const congestion = new Congestion();
    let sent = 0;
    for (let i = 0; i < 1000; i++) {
      if (congestion.isCongested(0)) continue;
      congestion.send(20_000, i * 30);
      sent += 20_000;
    }
    expect(sent).toBeLessThan(100_000);
  });
});
