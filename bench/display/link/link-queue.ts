/** What a network path does to packets in one direction. */
export interface LinkShape {
  readonly bitsPerSecond: number;
  readonly delayMs: number;
  /** Share of packets that are lost, 0 to 1. */
  readonly loss: number;
  /** Packets that may wait to be sent; one more is dropped. */
  readonly queuePackets: number;
}

interface Waiting {
  readonly packet: Uint8Array;
  /** When its last bit is sent. */
  readonly sentAtMs: number;
}

/**
 * One direction of an emulated link, as `tc netem` has it: a packet is lost at random, or waits behind those before it until the line is free, takes its time to be sent at the line's rate, and arrives a fixed time
 * later. Time is given, so that the same packets at the same times always fare the same.
 */
export class LinkQueue {
  readonly #shape: LinkShape;
  readonly #random: () => number;
  readonly #packets: Waiting[] = [];
  #lineFreeAtMs = 0;
  dropped = 0;
  lost = 0;

  constructor(shape: LinkShape, random: () => number = Math.random) {
    this.#shape = shape;
    this.#random = random;
  }

  push(packet: Uint8Array, nowMs: number): void {
    if (this.#random() < this.#shape.loss) {
      this.lost++;
      return;
    }
    // Those whose last bit is sent are on their way and wait for nothing.
    const first = this.#packets.findIndex(({ sentAtMs }) => sentAtMs > nowMs);
    if (first !== -1 && this.#packets.length - first >= this.#shape.queuePackets) {
      this.dropped++;
      return;
    }
    const sentAtMs = Math.max(nowMs, this.#lineFreeAtMs) + (packet.length * 8 * 1000) / this.#shape.bitsPerSecond;
    this.#lineFreeAtMs = sentAtMs;
    this.#packets.push({ packet, sentAtMs });
  }

  /** The next packet that has arrived by now. */
  tryTake(nowMs: number): Uint8Array | undefined {
    const next = this.nextAtMs;
    return next === undefined || next > nowMs ? undefined : this.#packets.shift()?.packet;
  }

  /** When the next packet arrives. */
  get nextAtMs(): number | undefined {
    const first = this.#packets[0];
    return first === undefined ? undefined : first.sentAtMs + this.#shape.delayMs;
  }
}
