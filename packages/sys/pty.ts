import { closeSync, constants } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';
import { spawnWith, type ChildExit, type SpawnSpec } from './process/spawn.ts';
import { withThreadCredentials } from './process/thread-credentials.ts';

/*
 * A child on a terminal. The runtime has one of its own, but that cannot be told to stop reading, so a slow reader would make it buffer without end. Here the master side is read as a
 * stream that can pause. The child takes the terminal as its controlling one by opening it as leader of a new session (tty_ioctl(4)), which is a shell's `<>` redirection.
 */
const libc = lazyLibrary(['libc.so.6'], {
  posix_openpt: { args: ['i32'], returns: 'i32' },
  unlockpt: { args: ['i32'], returns: 'i32' },
  ptsname_r: { args: ['i32', 'ptr', 'u64'], returns: 'i32' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
  dup: { args: ['i32'], returns: 'i32' },
});
const tiocswinsz = 0x5414n;

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

export interface TerminalChild {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  /** Everything that appears on the terminal; ends when the last process let go of it. */
  readonly output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  close(): void;
}

/** Starts a child on a new terminal that belongs to the child's user. Throws what the system said. */
export function spawnOnTerminal(spec: SpawnSpec, size: TerminalSize): TerminalChild {
  const { master, path } = openMaster(spec);
  try {
    setSize(master, size);
    // The shell finds the program as it was found before, and calls it by the name that was asked for.
    const line = 'bhatti_tty=$1; shift; exec "$@" <>"$bhatti_tty" >&0 2>&0';
    const argv = ['/bin/sh', '-c', line, 'sh', path, ...spec.argv];
    const child = spawnWith({ ...spec, path: '/bin/sh', argv }, [null, null, null]);
    return { ...child, ...masterStreams(master) };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

function openMaster(spec: SpawnSpec): { master: number; path: string } {
  // devpts gives the terminal to whoever opens the master.
  const master = withThreadCredentials(spec.credentials, () =>
    libc().posix_openpt(constants.O_RDWR | constants.O_NOCTTY | 0o2000000),
  );
  if (master < 0) throw errnoError('posix_openpt');
  const name = Buffer.alloc(64);
  if (libc().unlockpt(master) !== 0 || libc().ptsname_r(master, name, BigInt(name.length)) !== 0) {
    const error = errnoError('ptsname');
    closeSync(master);
    throw error;
  }
  return { master, path: name.toString('utf8', 0, name.indexOf(0)) };
}

function masterStreams(master: number): Pick<TerminalChild, 'output' | 'write' | 'resize' | 'close'> {
  const input = new ReadStream(master);
  const outFd = libc().dup(master);
  if (outFd < 0) throw errnoError('dup of a terminal');
  const out = new WriteStream(outFd);
  let isOpen = true;
  input.on('error', () => input.destroy()); // EIO: the last process let go of the terminal
  out.on('error', () => {}); // expected: written to after the end
  return {
    output: chunksOf(input),
    write: (bytes) => new Promise((resolve) => (isOpen ? out.write(bytes, () => resolve()) : resolve())),
    resize: (newSize) => {
      if (isOpen) setSize(master, newSize);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      input.destroy();
      out.destroy();
    },
  };
}

/** Like the stream's own iterator, but EIO is the end and not a failure. */
async function* chunksOf(input: ReadStream): AsyncGenerator<Uint8Array> {
  const queue: Uint8Array[] = [];
  let isOver = false;
  let wake = () => {};
  input.on('data', (chunk: Buffer) => {
    queue.push(chunk);
    input.pause();
    wake();
  });
  input.on('close', () => {
    isOver = true;
    wake();
  });
  for (;;) {
    const chunk = queue.shift();
    if (chunk !== undefined) {
      yield chunk;
      input.resume();
      continue;
    }
    if (isOver) return;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

function setSize(master: number, size: TerminalSize): void {
  const winsize = Buffer.alloc(8); // struct winsize: u16 rows, cols, and two unused
  winsize.writeUInt16LE(Math.min(size.rows, 0xffff), 0);
  winsize.writeUInt16LE(Math.min(size.cols, 0xffff), 2);
  if (libc().ioctl(master, tiocswinsz, winsize) !== 0) throw errnoError('set the size of a terminal');
}
