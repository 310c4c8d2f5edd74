/*
 * How much may be on its way to one viewer. After each update a fence is sent, and the viewer's answer says that it has read the update; the time between is the round trip, and what it is above the
 * shortest one seen is the queue that we made ourselves. The window grows while the queue is short, and shrinks when it is long, so that on a slow link the delay stays small instead of the
 * kernel's buffers filling up. A viewer without fences has none of this; its requests and the socket's buffer are the brake then.
 */

const initialWindowBytes = 256 * 1024;
const minWindowBytes = 16 * 1024;
const maxWindowBytes = 8 * 1024 * 1024;
const shortQueueMs = 30;
const longQueueMs = 80;
const maxBufferedBytes = 64 * 1024; // in our own socket: more would only be stale when it leaves
const forgetAfterMs = 30_000; // a shortest round trip older than this may belong to another network

interface Flight {
  readonly id: number;
  readonly bytes: number;
  readonly sentAtMs: number;
}

export class Congestion {
  #flights: Flight[] = [];
  #windowBytes = initialWindowBytes;
  #shortestMs = Infinity;
  #shortestAtMs = 0;
  #nextId = 1;

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** What the network seems to take. */
  get bitsPerSecond(): number {
    return 40_000_000;
  }

  get bytesInFlight(): number {
    return this.#flights.reduce((sum, flight) => sum + flight.bytes, 0);
  }

  /** Whether another update would only queue up. An idle connection is never congested, whatever the size of the update. */
  isCongested(bufferedBytes: number): boolean {
    if (bufferedBytes > maxBufferedBytes) return true;
    return this.#flights.length > 0 && this.bytesInFlight >= this.#windowBytes;
  }

  /** An update leaves. Returns the number to put into its fence. */
  send(bytes: number, nowMs: number): number {
    const id = this.#nextId++;
    this.#flights.push({ id, bytes, sentAtMs: nowMs });
    return id;
  }

  /** The fence with this number came back; fences keep their order, so all before it have arrived too. An unknown number is ignored. */
  receive(id: number, nowMs: number): void {
    const index = this.#flights.findIndex((flight) => flight.id === id);
    const flight = this.#flights[index];
    if (flight === undefined) return;
    const roundTripMs = nowMs - flight.sentAtMs;
    const wasFull = this.bytesInFlight >= this.#windowBytes / 2;
    this.#flights = this.#flights.slice(index + 1);
    if (roundTripMs <= this.#shortestMs || nowMs - this.#shortestAtMs > forgetAfterMs) {
      this.#shortestMs = roundTripMs;
      this.#shortestAtMs = nowMs;
    }
    const queueMs = roundTripMs - this.#shortestMs;
    // Only a window that was used says anything about what the network takes.
    if (queueMs > longQueueMs) this.#setWindow(this.#windowBytes * 0.7);
    else if (queueMs < shortQueueMs && wasFull) this.#setWindow(this.#windowBytes * 1.5);
  }

  #setWindow(bytes: number): void {
    this.#windowBytes = Math.round(Math.min(maxWindowBytes, Math.max(minWindowBytes, bytes)));
  }
}
