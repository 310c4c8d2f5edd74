import { CodedError } from '@bhatti/base/errors.ts';

const text = new TextDecoder('utf-8'); // replaces what is no UTF-8, and never throws
const maxDepth = 32; // D-Bus allows 32 arrays and 32 structs within each other; programs use three

/** Reads the values of a D-Bus message one after the other. Whoever reads knows the signature. Throws PROTOCOL_VIOLATION beyond the end, so that no length in it can lead outside. */
export class BodyReader {
  readonly #bytes: Uint8Array;
  readonly #isLittle: boolean;
  #at: number;

  constructor(bytes: Uint8Array, isLittle: boolean, at = 0) {
    this.#bytes = bytes;
    this.#isLittle = isLittle;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  align(size: 1 | 2 | 4 | 8): void {
    this.#at = (this.#at + size - 1) & -size;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    this.align(2);
    const at = this.#take(2);
    const first = this.#bytes[at] ?? 0;
    const second = this.#bytes[at + 1] ?? 0;
    return this.#isLittle ? first | (second << 8) : (first << 8) | second;
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    this.align(4);
    return readI32(this.#bytes, this.#take(4), this.#isLittle);
  }

  double(): number {
    this.align(8);
    return this.#wide().getFloat64(0, this.#isLittle);
  }

  /** A string or an object path. */
  string(): string {
    return this.#text(this.u32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** Calls `element` for each element of an array; `alignment` is that of the element's type. */
  array(alignment: 1 | 2 | 4 | 8, element: () => void): void {
    const length = this.u32();
    this.align(alignment);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw broken('an array is longer than its message');
    while (this.#at < end) element();
    if (this.#at !== end) throw broken('an array does not end where it says');
  }

  struct(): void {
    this.align(8);
  }

  /** A variant's value: a number, string, boolean; an array or struct of them as an array. */
  variant(depth = 0): unknown {
    const signature = this.signature();
    const cursor = { signature, at: 0 };
    const value = this.#value(cursor, depth + 1);
    if (cursor.at !== signature.length) throw broken('a variant holds more than one value');
    return value;
  }

  #value(type: { signature: string; at: number }, depth: number): unknown {
    if (depth > maxDepth) throw broken('values lie too deep within each other');
    const code = type.signature[type.at++] ?? '';
    switch (code) {
      case 'y':
        return this.byte();
      case 'b':
        return this.u32() !== 0;
      case 'n':
        return (this.u16() << 16) >> 16;
      case 'q':
        return this.u16();
      case 'i':
        return this.i32();
      case 'u':
      case 'h':
        return this.u32();
      case 'x':
        this.align(8);
        return Number(this.#wide().getBigInt64(0, this.#isLittle));
      case 't':
        this.align(8);
        return Number(this.#wide().getBigUint64(0, this.#isLittle));
      case 'd':
        return this.double();
      case 's':
      case 'o':
        return this.string();
      case 'g':
        return this.signature();
      case 'v':
        return this.variant(depth);
      case 'a':
        return this.#arrayValue(type, depth);
      case '(':
      case '{':
        return this.#structValue(type, depth);
      default:
        throw broken('a signature names no type');
    }
  }

  #arrayValue(type: { signature: string; at: number }, depth: number): unknown[] {
    const begin = type.at;
    skipType(type, depth);
    const end = type.at;
    const values: unknown[] = [];
    this.array(alignmentOf(type.signature[begin] ?? ''), () => {
      const before = this.#at;
      values.push(this.#value({ signature: type.signature, at: begin }, depth + 1));
      if (this.#at === before) throw broken('an element of an array takes no room');
    });
    type.at = end;
    return values;
  }

  #structValue(type: { signature: string; at: number }, depth: number): unknown[] {
    this.struct();
    const values: unknown[] = [];
    for (let code = type.signature[type.at]; code !== ')' && code !== '}'; code = type.signature[type.at]) {
      if (code === undefined) throw broken('a struct in a signature has no end');
      values.push(this.#value(type, depth + 1));
    }
    type.at++;
    return values;
  }

  #text(length: number): string {
    const begin = this.#take(length + 1); // a NUL ends it
    return text.decode(this.#bytes.subarray(begin, begin + length));
  }

  /** The next eight bytes, for the types that are rare. */
  #wide(): DataView {
    const at = this.#take(8);
    return new DataView(this.#bytes.slice(at, at + 8).buffer);
  }

  #take(length: number): number {
    const begin = this.#at;
    if (begin + length > this.#bytes.length) throw broken('it ends in the middle of a value');
    this.#at = begin + length;
    return begin;
  }
}

/** WHY no DataView: to make one of a small array costs more than to read all of a message. */
export function readI32(bytes: Uint8Array, at: number, isLittle: boolean): number {
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  return isLittle ? a | (b << 8) | (c << 16) | (d << 24) : (a << 24) | (b << 16) | (c << 8) | d;
}

/** Moves past one whole type. */
function skipType(type: { signature: string; at: number }, depth: number): void {
  if (depth > maxDepth) throw broken('types lie too deep within each other');
  const code = type.signature[type.at++];
  if (code === 'a') return skipType(type, depth + 1);
  if (code === '(' || code === '{') {
    for (let next = type.signature[type.at]; next !== ')' && next !== '}'; next = type.signature[type.at]) {
      if (next === undefined) throw broken('a struct in a signature has no end');
      skipType(type, depth + 1);
    }
    type.at++;
    return;
  }
  if (code === undefined) throw broken('a signature ends early');
}

function alignmentOf(code: string): 1 | 2 | 4 | 8 {
  switch (code) {
    case 'y':
    case 'g':
    case 'v':
      return 1;
    case 'n':
    case 'q':
      return 2;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case '{':
      return 8;
    default:
      return 4;
  }
}

export function broken(why: string): CodedError<'PROTOCOL_VIOLATION'> {
  return new CodedError('PROTOCOL_VIOLATION', `cannot read a message of the accessibility bus: ${why}`, {
    peer: 'accessibility bus',
  });
}
