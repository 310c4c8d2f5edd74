import { ByteQueue } from './byte-queue.ts';

/** What a reader of a byte stream answers: one thing and how many bytes it took, or undefined for "need more". */
export type PieceReader<T> = (bytes: Uint8Array) => { readonly message: T; readonly length: number } | undefined;

/** Gives a reader the pieces one after the other, as a socket would, and collects what it reads. */
export function readInPieces<T>(pieces: Iterable<Uint8Array>, read: PieceReader<T>): T[] {
  const queue = new ByteQueue();
  const messages: T[] = [];
  for (const piece of pieces) {
    queue.push(piece);
    for (let result = read(queue.bytes()); result !== undefined; result = read(queue.bytes())) {
      messages.push(result.message);
      queue.consume(result.length);
    }
  }
  return messages;
}

/** The bytes cut at the given places, which may be in any order. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return edges.slice(1).map((end, i) => bytes.slice(edges[i] ?? 0, end));
}

/** The bytes one by one. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}
