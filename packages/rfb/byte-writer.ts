/** Bytes of one message or one run of rects, growing as needed. Numbers are big endian, as everywhere in RFB. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.reserve(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.reserve(4);
    this.#view.setUint32(at, value);
    return this;
  }

  i32(value: number): this {
    const at = this.reserve(4);
    this.#view.setInt32(at, value);
    return this;
  }

  zeros(count: number): this {
    const at = this.reserve(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  bytes(source: Uint8Array): this {
    const at = this.reserve(source.length);
    this.#bytes.set(source, at);
    return this;
  }

  /** Makes room for `count` bytes at the end and returns where they begin; their contents are whatever was there. */
  reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }

  /** The memory behind `reserve`, valid until the next call that adds something. */
  memory(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value);
  }

  /** Forgets what lies behind `length`, which must not be more than is there. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** What was written, without a copy; valid until the next call that adds something. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, as an array of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
