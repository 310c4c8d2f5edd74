/**
 * A cursor over bytes that may end too early. Callers ask `has(n)` before they read n bytes, and answer "need more" when it says no; a read
 * past the end is a defect of the caller and throws RangeError.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  has(count: number): boolean {
    return this.#bytes.length - this.offset >= count;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  skip(count: number): this {
    this.#advance(count);
    return this;
  }

  /** A view of the next `count` bytes. */
  take(count: number): Uint8Array {
    const at = this.#advance(count);
    if (this.offset > this.#bytes.length) throw new RangeError('read past the end');
    return this.#bytes.subarray(at, this.offset);
  }

  #advance(count: number): number {
    const at = this.offset;
    this.offset = at + count;
    return at;
  }
}
