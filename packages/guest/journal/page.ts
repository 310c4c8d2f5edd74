import { writeAll } from '@bhatti/sys/write-all.ts';
import type { FieldValue } from './entry.ts';

const stdout = 1;
const chunkLength = 65_536;

/** Nobody reads what is printed any more. */
export class ReaderGone extends Error {}

/** Standard output in large pieces. Throws ReaderGone. */
export class Page {
  #text = '';

  print(value: FieldValue): void {
    if (typeof value === 'string') {
      this.#text += value;
      if (this.#text.length >= chunkLength) this.flush();
    } else {
      this.flush();
      this.#write(value);
    }
  }

  flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (!writeAll(stdout, bytes)) throw new ReaderGone('nobody reads any more');
  }
}
