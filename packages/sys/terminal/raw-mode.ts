import { ptr } from 'bun:ffi';

import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  tcgetattr: { args: ['i32', 'ptr'], returns: 'i32' },
  tcsetattr: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
  cfmakeraw: { args: ['ptr'], returns: 'void' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
});

const termiosBytes = 64; // struct termios of glibc has 60 on every architecture we run on
const afterOutput = 1; // TCSADRAIN
const getWindowSize = 0x5413; // TIOCGWINSZ

export interface WindowSize {
  readonly rows: number;
  readonly cols: number;
}

/** Gives every key to the program as it is typed. Dispose it to give the terminal back as it was; the exit of the process does so too. */
export function enterRawMode(fd: number): Disposable {
  const before = new Uint8Array(termiosBytes);
  if (libc().tcgetattr(fd, ptr(before)) !== 0) throw errnoError(`cannot read the terminal's mode`);
  const raw = before.slice();
  libc().cfmakeraw(ptr(raw));
  if (libc().tcsetattr(fd, afterOutput, ptr(raw)) !== 0) throw errnoError(`cannot set the terminal's mode`);
  const restore = () => {
    libc().tcsetattr(fd, afterOutput, ptr(before));
  };
  process.once('exit', restore);
  return {
    [Symbol.dispose]() {
      process.removeListener('exit', restore);
      restore();
    },
  };
}

/** Size of the terminal behind a descriptor; undefined when it has none. */
export function tryWindowSize(fd: number): WindowSize | undefined {
  const size = new Uint16Array(4); // struct winsize: rows, columns, and two that nobody fills
  if (libc().ioctl(fd, getWindowSize, ptr(size)) !== 0) return undefined;
  const [rows, cols] = size;
  return rows === undefined || cols === undefined || rows === 0 || cols === 0 ? undefined : { rows, cols };
}
