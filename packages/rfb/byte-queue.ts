/**
 * Bytes that arrived and are not read yet, in one piece. Readers look at `bytes()` and the caller consumes what they read; more than is there
 * may be consumed, and then the missing bytes are dropped as they arrive, without being stored.
 */
export class ByteQueue {
  #buffer = new Uint8Array(4096);
  #start = 0;
  #end = 0;
  #toDrop = 0;

  push(chunk: Uint8Array): void {
    const dropped = Math.min(this.#toDrop, chunk.length);
    this.#toDrop -= dropped;
    const kept = dropped === 0 ? chunk : chunk.subarray(dropped);
    if (this.#end + kept.length > this.#buffer.length) this.#makeRoom(kept.length);
    this.#buffer.set(kept, this.#end);
    this.#end += kept.length;
  }

  /** A view of what is there, valid until the next `push`. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  consume(count: number): void {
    const present = Math.min(count, this.length);
    this.#start += present;
    this.#toDrop += count - present;
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      // One huge message must not hold its memory for the rest of the connection.
      if (this.#buffer.length > keptBytes) this.#buffer = new Uint8Array(4096);
    }
  }

  #makeRoom(count: number): void {
    const needed = this.length + count;
    const target =
      needed <= this.#buffer.length ? this.#buffer : new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    target.set(this.#buffer.subarray(this.#start, this.#end), 0);
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }
}

const keptBytes = 256 * 1024;
