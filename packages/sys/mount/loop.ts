import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { errno, errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';
import { ownFd, type OwnedFd } from '../native/descriptor.ts';

const libc = lazyLibrary(['libc.so.6'], {
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
});
const libcByNumber = lazyLibrary(['libc.so.6'], {
  ioctl: { args: ['i32', 'u64', 'u64'], returns: 'i32' },
});

const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a; // Linux 5.8
const LO_FLAGS_AUTOCLEAR = 4;
const LO_FLAGS_DIRECT_IO = 16;
const loopConfigSize = 304; // struct loop_config: u32 fd, u32 block_size, struct loop_info64 (232 bytes), u64 reserved[8]
const flagsAt = 8 + 52; // lo_flags within loop_info64
const fileNameAt = 8 + 56; // lo_file_name, 64 bytes
const EBUSY = 16;
const maxAttempts = 20; // another program may take the free device first

/** A file as a block device. The kernel lets go of the file by itself when the last user is gone: close the descriptor once it is mounted. */
export interface LoopDevice extends OwnedFd {
  readonly path: string;
}

/** Makes a block device of a file, bypassing the page cache where the file's own file system can, so that nothing is cached twice. */
export function attachLoop(file: string): LoopDevice {
  using backing = ownFd(openSync(file, 'r+'));
  using control = ownFd(openSync('/dev/loop-control', 'r+'));
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const number = libcByNumber().ioctl(control.fd, LOOP_CTL_GET_FREE, 0);
    if (number < 0) throw errnoError('cannot find a free loop device');
    const path = `/dev/loop${number}`;
    const device = openSync(path, 'r+');
    if (configure(device, backing.fd, file, LO_FLAGS_DIRECT_IO)) return { ...ownFd(device), path };
    if (errno() !== EBUSY && configure(device, backing.fd, file, 0)) return { ...ownFd(device), path };
    const code = errno();
    const error = errnoError(`cannot attach "${file}" to "${path}"`);
    closeSync(device);
    if (code !== EBUSY) throw error;
  }
  throw new Error(`cannot attach "${file}": other programs took ${maxAttempts} free loop devices`);
}

/** Whether some loop device still stands on this file: a file system that was detached lazily is written back until then. */
export function isLoopAttached(file: string): boolean {
  return readdirSync('/sys/block').some((name) => name.startsWith('loop') && backingFileOf(name) === file);
}

function backingFileOf(device: string): string | undefined {
  const path = `/sys/block/${device}/loop/backing_file`;
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return undefined; // expected: it was detached between the two looks
  }
}

function configure(device: number, backing: number, file: string, extraFlags: number): boolean {
  const config = Buffer.alloc(loopConfigSize);
  config.writeUInt32LE(backing, 0);
  config.writeUInt32LE(LO_FLAGS_AUTOCLEAR | extraFlags, flagsAt);
  config.write(file.slice(-63), fileNameAt);
  return libc().ioctl(device, LOOP_CONFIGURE, config) === 0;
}
