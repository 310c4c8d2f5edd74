import { broken } from './body-reader.ts';
import { maxMessageBytes } from './message.ts';

/** Cuts what comes in into messages. */
export class MessageStream {
  #bytes = new Uint8Array(64 * 1024);
  #begin = 0;
  #end = 0;

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole message, as bytes of its own; undefined when more has to come. `lengthOf` says how long the one is that begins here. */
  take(lengthOf: (bytes: Uint8Array) => number | undefined): Uint8Array | undefined {
    const held = this.#bytes.subarray(this.#begin, this.#end);
    const length = lengthOf(held);
    if (length === undefined || length > held.length) return undefined;
    this.#begin += length;
    if (this.#begin === this.#end) this.#begin = this.#end = 0;
    return held.slice(0, length);
  }

  #makeRoom(more: number): void {
    const held = this.#bytes.subarray(this.#begin, this.#end);
    const needed = held.length + more;
    if (needed > maxMessageBytes * 2) throw broken('more has come than may be waiting');
    if (needed > this.#bytes.length / 2) {
      const larger = new Uint8Array(needed * 2);
      larger.set(held);
      this.#bytes = larger;
    } else {
      this.#bytes.copyWithin(0, this.#begin, this.#end);
    }
    this.#begin = 0;
    this.#end = held.length;
  }
}
