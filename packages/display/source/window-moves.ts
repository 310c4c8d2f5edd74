import type { Distance } from '../update/move.ts';

interface Place {
  readonly x: number;
  readonly y: number;
}

const maxDistances = 3; // each costs a comparison; more windows than that do not move at once

/**
 * By how far top-level windows went from one captured frame to the next, as X tells it. Pixels need not have followed: a compositor draws later, so the distances of the frame before are told once more.
 * Whoever uses them compares pixels.
 */
export class WindowMoves {
  readonly #before = new Map<number, Place>();
  readonly #captured = new Map<number, Place>();
  readonly #now = new Map<number, Place>();
  #last: readonly Distance[] = [];

  /** A window is there now. */
  note(window: number, at: Place): void {
    this.#now.set(window, at);
  }

  forget(window: number): void {
    for (const places of [this.#before, this.#captured, this.#now]) places.delete(window);
  }

  /** Pixels were captured: windows are in the frame where they are now. To be called before anything else that X has to say is heard. */
  mark(): void {
    for (const [window, place] of this.#now) this.#captured.set(window, place);
    this.#now.clear();
  }

  /** The distances between the frame that was captured last and that of the last call, the likeliest first, each once. */
  take(): readonly Distance[] {
    const moved: Distance[] = [];
    for (const [window, place] of this.#captured) {
      const before = this.#before.get(window);
      this.#before.set(window, place);
      if (before !== undefined) moved.push({ dx: place.x - before.x, dy: place.y - before.y });
    }
    this.#captured.clear();
    const all = [...moved, ...this.#last].filter(
      ({ dx, dy }, i, list) =>
        (dx !== 0 || dy !== 0) && list.findIndex((other) => other.dx === dx && other.dy === dy) === i,
    );
    this.#last = moved;
    return all.slice(0, maxDistances);
  }
}
