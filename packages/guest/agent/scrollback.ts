import { concatBytes } from '@bhatti/base/bytes.ts';

const maxBytes = 65_536;

/** The last 64 KiB that appeared on a terminal. */
export class Scrollback {
  #chunks: Uint8Array[] = [];
  #length = 0;

  add(bytes: Uint8Array): void {
    const kept = bytes.length > maxBytes ? bytes.subarray(bytes.length - maxBytes) : bytes;
    this.#chunks.push(kept.slice()); // a copy: a view would keep the whole read buffer alive
    this.#length += kept.length;
    // Twice the size before it is cut, so that cutting is rare.
    if (this.#length > 2 * maxBytes || this.#chunks.length > 1_024) this.#cut();
  }

  bytes(): Uint8Array {
    this.#cut();
    return this.#chunks[0] ?? new Uint8Array(0);
  }

  #cut(): void {
    const all = concatBytes(this.#chunks);
    const last = all.slice(Math.max(0, all.length - maxBytes));
    this.#chunks = [last];
    this.#length = last.length;
  }
}
