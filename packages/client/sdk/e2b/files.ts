import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { guestHome } from '@bhatti/wire/guest-paths.ts';

import type { Sandbox } from '../sandbox.ts';
import { notOffered } from './not-offered.ts';

export type FileData = string | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;

export interface EntryInfo {
  readonly name: string;
  readonly type: 'file' | 'dir';
  readonly path: string;
  readonly size: number;
}

type Read = { text: string; bytes: Uint8Array; blob: Blob; stream: ReadableStream<Uint8Array> };

/** Files by path; one that is not absolute begins in the home directory. */
export class Filesystem {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  async read<F extends keyof Read = 'text'>(path: string, options: { readonly format?: F } = {}): Promise<Read[F]> {
    const { files } = this.#sandbox;
    const at = absolute(path);
    const readers: { readonly [K in keyof Read]: () => Promise<Read[K]> } = {
      text: () => files.readText(at),
      bytes: () => files.read(at),
      blob: async () => new Blob([new Uint8Array(await files.read(at))]),
      stream: async () => streamOf(files.stream(at)),
    };
    const { format = 'text' } = options;
    // SAFETY: F is the type of `format`, and "text" where none is given.
    return (await readers[format]()) as Read[F];
  }

  /** One file, or several. */
  write(path: string, data: FileData): Promise<EntryInfo>;
  write(files: readonly { readonly path: string; readonly data: FileData }[]): Promise<EntryInfo[]>;
  async write(
    where: string | readonly { readonly path: string; readonly data: FileData }[],
    data?: FileData,
  ): Promise<EntryInfo | EntryInfo[]> {
    if (typeof where !== 'string') return Promise.all(where.map((file) => this.write(file.path, file.data)));
    if (data === undefined) throw new CodedError('INVALID_ARGUMENT', 'no data to write', { argument: 'data' });
    await this.#sandbox.files.write(absolute(where), await contentOf(data));
    return this.getInfo(where);
  }

  async list(path: string): Promise<EntryInfo[]> {
    const directory = absolute(path);
    const entries = await this.#sandbox.files.list(directory);
    return entries.map(({ name, isDirectory, sizeBytes }) => ({
      name,
      type: isDirectory ? 'dir' : 'file',
      path: `${directory.replace(/\/$/, '')}/${name}`,
      size: sizeBytes,
    }));
  }

  async getInfo(path: string): Promise<EntryInfo> {
    const at = absolute(path);
    const { isDirectory, sizeBytes } = await this.#sandbox.files.stat(at);
    return { name: at.slice(at.lastIndexOf('/') + 1), type: isDirectory ? 'dir' : 'file', path: at, size: sizeBytes };
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.#sandbox.files.stat(absolute(path));
      return true;
    } catch (error) {
      if (hasCode(error, 'FILE_NOT_FOUND')) return false;
      throw error;
    }
  }

  /** With all that is in it. */
  remove(path: string): Promise<void> {
    return this.#sandbox.files.remove(absolute(path), { recursive: true });
  }

  async makeDir(path: string): Promise<boolean> {
    if (await this.exists(path)) return false;
    await this.#run(['mkdir', '-p', '--', absolute(path)]);
    return true;
  }

  async rename(from: string, to: string): Promise<EntryInfo> {
    await this.#run(['mv', '-T', '--', absolute(from), absolute(to)]);
    return this.getInfo(to);
  }

  watchDir(): never {
    throw notOffered('watching a directory', 'run "inotifywait" in the sandbox, or list it again');
  }

  async #run(argv: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#sandbox.exec(argv);
    const command = argv.join(' ');
    if (exitCode !== 0) throw new CodedError('COMMAND_FAILED', stderr.trim(), { command, exitCode });
  }
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `${guestHome}/${path}`;
}

async function contentOf(data: FileData): Promise<string | Uint8Array | ReadableStream<Uint8Array>> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
  return data;
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await chunks.return(undefined)),
  });
}
