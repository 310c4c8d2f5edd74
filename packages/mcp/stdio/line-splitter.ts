import { concatBytes } from '@bhatti/base/bytes.ts';

export type Line =
  | { readonly kind: 'line'; readonly text: string }
  /** Longer than allowed; it was thrown away as it came. */
  | { readonly kind: 'too long' };

const newline = 0x0a;

/** Cuts a stream of bytes into lines, of which it never keeps more than `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #isTooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      this.#keep(rest.subarray(0, end));
      lines.push(this.#take());
      rest = rest.subarray(end + 1);
    }
    this.#keep(rest);
    return lines;
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#maxBytes) {
      this.#isTooLong = true;
      this.#parts = [];
    } else if (bytes.length > 0) this.#parts.push(bytes.slice());
  }

  #take(): Line {
    const line: Line = this.#isTooLong
      ? { kind: 'too long' }
      : { kind: 'line', text: new TextDecoder().decode(concatBytes(this.#parts)) };
    this.#parts = [];
    this.#length = 0;
    this.#isTooLong = false;
    return line;
  }
}
