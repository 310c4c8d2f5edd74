const text = new TextEncoder();

/** Writes the values of a D-Bus message one after the other, little-endian. Whoever writes knows the signature. */
export class BodyWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  align(size: 4 | 8): this {
    this.#room(size);
    while (this.#length % size !== 0) this.#bytes[this.#length++] = 0;
    return this;
  }

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    this.align(4).#room(4);
    this.#put(this.#length, value);
    this.#length += 4;
    return this;
  }

  i32(value: number): this {
    return this.u32(value >>> 0);
  }

  double(value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    return this.align(8).raw(new Uint8Array(view.buffer));
  }

  /** A string or an object path. */
  string(value: string): this {
    const bytes = text.encode(value);
    return this.u32(bytes.length).raw(bytes).byte(0);
  }

  signature(value: string): this {
    const bytes = text.encode(value);
    return this.byte(bytes.length).raw(bytes).byte(0);
  }

  /** An array whose elements `write` writes; `alignment` is that of the element's type. */
  array(alignment: 1 | 4 | 8, write: () => void): this {
    const lengthAt = this.u32(0).#length - 4;
    if (alignment !== 1) this.align(alignment);
    const begin = this.#length;
    write();
    this.#put(lengthAt, this.#length - begin);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #put(at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = value >>> (8 * i);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.bytes());
    this.#bytes = larger;
  }
}
