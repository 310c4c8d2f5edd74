import { ptr } from 'bun:ffi';
import { closeSync } from 'node:fs';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  pipe2: { args: ['ptr', 'i32'], returns: 'i32' },
  fchown: { args: ['i32', 'u32', 'u32'], returns: 'i32' },
});
const oCloexec = 0o2000000;

export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

/**
 * A real pipe for a child. The runtime's own 'pipe' is a socket pair, on which `echo x > /dev/stderr` fails with ENXIO; and a pipe belongs to its maker, so that a child of another user could not
 * open /dev/stdout again: hence the owner.
 */
export function openPipe(ownerUid: number, ownerGid: number): Pipe {
  const fds = new Int32Array(2);
  // SAFETY: pipe2 fills the two numbers during the call and keeps nothing.
  if (libc().pipe2(ptr(fds), oCloexec) !== 0) throw errnoError('pipe2');
  const [readFd = -1, writeFd = -1] = fds;
  if (ownerUid !== 0 && libc().fchown(writeFd, ownerUid, ownerGid) !== 0) {
    const error = errnoError('fchown of a pipe');
    closeSync(readFd);
    closeSync(writeFd);
    throw error;
  }
  return { readFd, writeFd };
}

/** Reads a pipe, taking no more from it than is asked for: a writer blocks while nobody reads. Owns the descriptor. */
export class PipeReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #fd: number;
  #isOpen = true;

  constructor(fd: number) {
    this.#fd = fd;
    this.#chunks = Bun.file(fd).stream()[Symbol.asyncIterator]();
  }

  /** The next bytes, or undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    const next = await this.#chunks.next();
    if (next.done !== true) return next.value;
    this.close();
    return undefined;
  }

  /** Reads and drops all that still comes, so that a writer who is left meets no SIGPIPE; closes at the end. */
  async drain(): Promise<void> {
    try {
      while ((await this.read()) !== undefined);
    } catch {
      // expected: closed meanwhile
    } finally {
      this.close();
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // WHY: the stream of a descriptor that was given to it does not close it; cancelling only lets go of the poll.
    void this.#chunks.return?.();
    closeSync(this.#fd);
  }
}

/** Writes into a pipe; `write` resolves when the bytes are in it, which is the back-pressure. Owns the descriptor. */
export class PipeWriter {
  readonly #sink: Bun.FileSink;
  readonly #fd: number;
  #isOpen = true;

  constructor(fd: number) {
    this.#fd = fd;
    this.#sink = Bun.file(fd).writer();
  }

  /** False when the reading side is gone: what a command does not read is not an error. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (!this.#isOpen) return false;
    try {
      await this.#sink.write(bytes);
      await this.#sink.flush();
      return true;
    } catch (error) {
      if (!isBrokenPipe(error)) throw error;
      this.close();
      return false;
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const closing = async () => {
      try {
        await this.#sink.end();
      } catch {
        // expected: the reading side is gone
      } finally {
        closeSync(this.#fd);
      }
    };
    void closing();
  }
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
