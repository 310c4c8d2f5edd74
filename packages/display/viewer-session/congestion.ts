/*
 * How much may be on its way to one viewer, and how much its network takes. After each update a fence is sent, and the viewer's answer says that it has read the update; the time between is the round trip,
 * and what it is above the shortest one seen is the queue that we made ourselves. The window grows while the queue is short, and shrinks when it is long, so that on a slow link the delay stays small
 * instead of the kernel's buffers filling up.
 *
 * While there is a queue, answers come as fast as the network carries: that is its rate, which pictures are made to fit (see PictureBudget and the video streams). Without a queue nothing says how much
 * more it would carry, so the rate is then taken to grow, until it is no limit any more or a queue shows what it is: fast while about as much is sent, slowly while little is, so that a film which begins on a
 * desktop at rest finds the network as slow as the picture before it did.
 *
 * A viewer without fences has none of this; its requests and the socket's buffer are the brake then.
 */

const initialWindowBytes = 64 * 1024;
const minWindowBytes = 16 * 1024;
const maxWindowBytes = 8 * 1024 * 1024;
const shortQueueMs = 30;
const longQueueMs = 80;
const longestQueueMs = 120;
const maxBufferedBytes = 64 * 1024; // in our own socket: more would only be stale when it leaves
const forgetAfterMs = 30_000; // a shortest round trip older than this may belong to another network
const rateWindowMs = 3000; // of answers among which the fastest counts: a lost packet holds up those behind it, and the network is as fast as before
const growsAfterMs = 500;
const doublesInMs = 3000;
const restingDoublesInMs = 30_000; // as long as a person may need to change the network
const usedShare = 0.4; // of the rate: what is sent then is made to fit it
const unlimited = 12_500; // bytes a millisecond, 100 Mbit/s: more than any picture here needs

interface Flight {
  readonly id: number;
  readonly bytes: number;
  readonly sentAtMs: number;
  /** What had arrived when it was sent, and when the last of that did. */
  readonly deliveredBytes: number;
  readonly deliveredAtMs: number;
}

export class Congestion {
  #flights: Flight[] = [];
  #windowBytes = initialWindowBytes;
  #shortestMs = Infinity;
  #shortestAtMs = 0;
  #deliveredBytes = 0;
  #deliveredAtMs = 0;
  #samples: { readonly rate: number; readonly atMs: number }[] = [];
  #rate = Infinity;
  #limitedAtMs = 0;
  #grownAtMs = 0;
  #nextId = 1;

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** What the network takes, in bytes a millisecond; infinite while it is no limit. */
  get bytesPerMs(): number {
    return this.#rate;
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
    if (this.#flights.length === 0) this.#deliveredAtMs = nowMs;
    this.#flights.push({
      id,
      bytes,
      sentAtMs: nowMs,
      deliveredBytes: this.#deliveredBytes,
      deliveredAtMs: this.#deliveredAtMs,
    });
    return id;
  }

  /** The fence with this number came back; fences keep their order, so all before it have arrived too. An unknown number is ignored. */
  receive(id: number, nowMs: number): void {
    const index = this.#flights.findIndex((flight) => flight.id === id);
    const flight = this.#flights[index];
    if (flight === undefined) return;
    const roundTripMs = nowMs - flight.sentAtMs;
    const wasFull = this.bytesInFlight >= this.#windowBytes / 2;
    for (const { bytes } of this.#flights.splice(0, index + 1)) this.#deliveredBytes += bytes;
    if (roundTripMs <= this.#shortestMs || nowMs - this.#shortestAtMs > forgetAfterMs) {
      this.#shortestMs = roundTripMs;
      this.#shortestAtMs = nowMs;
    }
    const queueMs = roundTripMs - this.#shortestMs;
    // A viewer that answers late, without that much is on its way, says nothing about the network.
    this.#measure(flight, wasFull ? queueMs : 0, nowMs);
    // Only a window that was used says anything about what the network takes.
    if (queueMs > longQueueMs) this.#setWindow(this.#windowBytes * 0.7);
    else if (queueMs < shortQueueMs && wasFull) this.#setWindow(this.#windowBytes * 1.5);
  }

  #measure(flight: Flight, queueMs: number, nowMs: number): void {
    const tookMs = nowMs - flight.deliveredAtMs;
    const rate = (this.#deliveredBytes - flight.deliveredBytes) / tookMs;
    if (queueMs > shortQueueMs && tookMs > 0) {
      this.#samples = [...this.#samples.filter(({ atMs }) => nowMs - atMs < rateWindowMs), { rate, atMs: nowMs }];
      this.#rate = Math.max(...this.#samples.map((sample) => sample.rate));
      this.#limitedAtMs = nowMs;
      this.#grownAtMs = nowMs;
    } else if (nowMs - this.#limitedAtMs > growsAfterMs) {
      const isUsed = rate > this.#rate * usedShare;
      this.#rate *= 2 ** ((nowMs - this.#grownAtMs) / (isUsed ? doublesInMs : restingDoublesInMs));
      this.#grownAtMs = nowMs;
    }
    if (this.#rate > unlimited) this.#rate = Infinity;
    this.#deliveredAtMs = nowMs;
  }

  #setWindow(bytes: number): void {
    // What is on the way when there is no queue at all must fit, or the window itself would be what limits the rate; and what would queue up for longer than anybody should wait must not.
    const isKnown = this.#rate !== Infinity;
    const least = isKnown ? Math.max(minWindowBytes, this.#rate * this.#shortestMs * 1.25) : minWindowBytes;
    const most = isKnown ? Math.max(least, this.#rate * (this.#shortestMs + longestQueueMs)) : maxWindowBytes;
    this.#windowBytes = Math.round(Math.min(maxWindowBytes, most, Math.max(least, bytes)));
  }
}
