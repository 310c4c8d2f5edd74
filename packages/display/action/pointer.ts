import { abortReason, sleep } from '@bhatti/base/operation.ts';
import type { Button } from '@bhatti/wire/display/action.ts';
import type { XConnection } from '../source/x-connection.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface DragPlan {
  readonly path: readonly Place[];
  readonly button: Button;
  /** Places between two points of the path, and how long the pointer rests at each. */
  readonly steps: number;
  readonly stepMs: number;
}

const currentTime = 0;
const numbers: Readonly<Record<Button, number>> = { left: 1, middle: 2, right: 3, back: 8, forward: 9 };
const wheel = { up: 4, down: 5, left: 6, right: 7 } as const;
const clickGapMs = 2; // Chromium takes two presses with the same time stamp, which counts milliseconds, for one
const buttonsMask = 0x1f00;
const longestReleaseMs = 250; // by then it is another program that holds it
const releaseLookMs = 2;
const beginMs = 50; // a program may take the press in before it is told of motion
const beforeDropMs = 150; // programs agree on what may be dropped here before the button comes up, a busy browser later than it read the motion

/** An operator's pointer, by XTEST, in pixels of the screen. What is held down is known, and let go of by `releaseAll`. */
export class Pointer {
  readonly #x: XConnection;
  readonly #held = new Set<Button>();
  #pressedAtMs = 0;

  constructor(x: XConnection) {
    this.#x = x;
  }

  move({ x, y }: Place): void {
    const { xtest, screen } = this.#x;
    xtest.FakeInput(xtest.MotionNotify, 0, currentTime, screen.root, x, y);
  }

  down(button: Button): void {
    this.#held.add(button);
    const nowMs = performance.now();
    this.#fake('ButtonPress', numbers[button], nowMs - this.#pressedAtMs < clickGapMs ? clickGapMs : 0);
    this.#pressedAtMs = nowMs;
  }

  up(button: Button): void {
    this.#held.delete(button);
    this.#fake('ButtonRelease', numbers[button]);
  }

  click(button: Button, count: number): void {
    for (let i = 0; i < count; i++) {
      this.down(button);
      this.up(button);
    }
  }

  /** The pointer goes the whole way, so that programs see a drag and what it passes. */
  async drag({ path, button, steps, stepMs }: DragPlan, signal: AbortSignal): Promise<void> {
    const [start, ...rest] = path;
    if (start === undefined) return;
    this.move(start);
    this.down(button);
    try {
      await sleep({ signal }, beginMs);
      let from = start;
      for (const to of rest) {
        for (let step = 1; step <= steps; step++) {
          await sleep({ signal }, stepMs);
          this.move({
            x: Math.round(from.x + ((to.x - from.x) * step) / steps),
            y: Math.round(from.y + ((to.y - from.y) * step) / steps),
          });
        }
        from = to;
      }
      await sleep({ signal }, beforeDropMs);
    } finally {
      this.up(button);
    }
  }

  /** Clicks of the wheel: right and down are positive. */
  scroll(dx: number, dy: number): void {
    this.#turn(dy < 0 ? wheel.up : wheel.down, Math.abs(dy));
    this.#turn(dx < 0 ? wheel.left : wheel.right, Math.abs(dx));
  }

  get holdsDown(): boolean {
    return this.#held.size > 0;
  }

  /** Until the X server knows of no button and no key that is down. What viewers hold down is let go of by another connection, which X may read later than ours. */
  async untilReleased(signal: AbortSignal): Promise<void> {
    const endsAtMs = performance.now() + longestReleaseMs;
    for (;;) {
      if (signal.aborted) throw abortReason(signal);
      const [{ keyMask }, keys] = await Promise.all([this.#query(), this.#downKeys()]);
      const isFree = (keyMask & buttonsMask) === 0 && keys.every((bits) => bits === 0);
      if (isFree || performance.now() > endsAtMs) return;
      await sleep({ signal }, releaseLookMs);
    }
  }

  releaseAll(): void {
    for (const button of this.#held) this.up(button);
  }

  async place(): Promise<Place> {
    const { rootX, rootY } = await this.#query();
    return { x: rootX, y: rootY };
  }

  #query(): Promise<{ readonly rootX: number; readonly rootY: number; readonly keyMask: number }> {
    const { client, screen } = this.#x;
    return this.#x.reply((done) => client.QueryPointer(screen.root, done));
  }

  #downKeys(): Promise<Buffer> {
    return this.#x.reply((done) => this.#x.client.QueryKeymap(done));
  }

  #turn(button: number, clicks: number): void {
    for (let i = 0; i < clicks; i++) {
      this.#fake('ButtonPress', button);
      this.#fake('ButtonRelease', button);
    }
  }

  #fake(what: 'ButtonPress' | 'ButtonRelease', button: number, afterMs = 0): void {
    const { xtest } = this.#x;
    xtest.FakeInput(xtest[what], button, afterMs, 0, 0, 0);
  }
}
