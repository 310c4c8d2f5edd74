import { ptr } from 'bun:ffi';

import { lazyLibrary } from '../native/library.ts';

// By FFI, since node:fs and node:tty cost 0.6 ms and 2 ms of a command's start.
const libc = lazyLibrary(['libc.so.6'], {
  isatty: { args: ['i32'], returns: 'i32' },
  statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
});

export type DescriptorKind = 'terminal' | 'pipe' | 'socket' | 'file' | 'other';

/** What stands behind a descriptor of this process; `other` is a device such as /dev/null, or a closed descriptor. */
export function descriptorKind(fd: number): DescriptorKind {
  if (isTerminal(fd)) return 'terminal';
  const status = new Uint8Array(256); // struct statx, statx(2)
  const emptyPath = new Uint8Array(1);
  if (libc().statx(fd, ptr(emptyPath), atEmptyPath, statxType, ptr(status)) !== 0) return 'other';
  const type = new DataView(status.buffer).getUint16(28, true) & 0o170000; // stx_mode
  if (type === 0o010000) return 'pipe';
  if (type === 0o140000) return 'socket';
  return type === 0o100000 ? 'file' : 'other';
}

export function isTerminal(fd: number): boolean {
  return libc().isatty(fd) === 1;
}

/** File status flags of the open file behind a descriptor, which it shares with other processes; -1 for a closed one. */
export function statusFlags(fd: number): number {
  return libc().fcntl(fd, getFlags, 0);
}

export function setStatusFlags(fd: number, flags: number): void {
  libc().fcntl(fd, setFlags, flags);
}

const atEmptyPath = 0x1000;
const statxType = 1;
const getFlags = 3; // F_GETFL
const setFlags = 4; // F_SETFL
