import type { FileStat } from '../files.ts';
import { bytesOf, isWhole, type Content, type ContentStream } from './bytes.ts';
import type { Calls, CallOptions } from './calls.ts';

export interface DirectoryEntry extends FileStat {
  readonly name: string;
  readonly modifiedAt: Date;
}

export interface WriteOptions extends CallOptions {
  /** Octal, e.g. `0755`. Default: what the file has, or `0644`. */
  readonly mode?: string | undefined;
}

/** Files of one sandbox, by absolute path. They belong to user lohar when they are new. */
export class Files {
  readonly #calls: Calls;
  readonly #sandbox: string;

  constructor(calls: Calls, sandbox: string) {
    this.#calls = calls;
    this.#sandbox = sandbox;
  }

  /** The whole file. Throws FILE_NOT_FOUND. */
  read(path: string, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#calls.repeat(options, async (op) => {
      const { sizeBytes, chunks } = await (await this.#calls.client.files()).read(op, this.#sandbox, path);
      return collect(chunks, sizeBytes);
    });
  }

  async readText(path: string, options: CallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.read(path, options));
  }

  /** The file piece by piece, as fast as the pieces are taken. */
  async *stream(path: string, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const opening = new AbortController();
    const stop = () => opening.abort(options.signal?.reason);
    if (options.signal?.aborted === true) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const content = await this.#calls.repeat({ ...options, signal: opening.signal }, async () =>
        (await this.#calls.client.files()).read(opening, this.#sandbox, path),
      );
      yield* content.chunks;
    } finally {
      options.signal?.removeEventListener('abort', stop);
      opening.abort();
    }
  }

  /** Replaces the file as a whole once all of `content` has arrived; directories that are missing are made. */
  async write(path: string, content: Content | ContentStream, options: WriteOptions = {}): Promise<void> {
    const put = async (op: { readonly signal: AbortSignal }, body: Uint8Array | ReadableStream<Uint8Array>) =>
      (await this.#calls.client.files()).write(op, this.#sandbox, path, body, options.mode);
    // A stream can be read only once.
    if (isWhole(content)) return this.#calls.repeat(options, (op) => put(op, bytesOf(content)));
    return this.#calls.once(options, (op) => put(op, streamOf(content)));
  }

  list(path: string, options: CallOptions = {}): Promise<DirectoryEntry[]> {
    return this.#calls.repeat(options, async (op) => {
      const entries = await (await this.#calls.client.files()).list(op, this.#sandbox, path);
      return entries.map(({ name, size, mode, is_dir, mtime }) => ({
        name,
        sizeBytes: size,
        mode,
        isDirectory: is_dir,
        modifiedAt: new Date(mtime * 1_000),
      }));
    });
  }

  /** What is at the path; of a link, what it leads to. Throws FILE_NOT_FOUND. */
  stat(path: string, options: CallOptions = {}): Promise<FileStat> {
    return this.#calls.repeat(options, async (op) => (await this.#calls.client.files()).stat(op, this.#sandbox, path));
  }

  /** A file or an empty directory; with `recursive` also what is in it. Throws FILE_NOT_FOUND. */
  remove(path: string, options: CallOptions & { readonly recursive?: boolean } = {}): Promise<void> {
    return this.#calls.once(options, async (op) =>
      (await this.#calls.client.files()).remove(op, this.#sandbox, path, options.recursive === true ? 'tree' : 'one'),
    );
  }
}

/** Files of /proc say that they have no size, and have content: the size only makes room. */
async function collect(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  let whole = new Uint8Array(sizeBytes);
  let length = 0;
  for await (const chunk of chunks) {
    if (length + chunk.length > whole.length) {
      const larger = new Uint8Array(Math.max(2 * whole.length, length + chunk.length));
      larger.set(whole);
      whole = larger;
    }
    whole.set(chunk, length);
    length += chunk.length;
  }
  return whole.subarray(0, length);
}

function streamOf(content: ContentStream): ReadableStream<Uint8Array> {
  const source = content[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await source.next();
      if (next.done === true) controller.close();
      else controller.enqueue(bytesOf(next.value));
    },
    cancel: async () => void (await source.return?.()),
  });
}
