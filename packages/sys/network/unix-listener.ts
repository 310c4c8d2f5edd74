import { unlinkSync } from 'node:fs';
import { cString, ownFd, type OwnedFd } from '../native/descriptor.ts';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  chmod: { args: ['ptr', 'u32'], returns: 'i32' },
});

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2_000_000;
const addressSize = 110; // struct sockaddr_un: u16 family, char path[108]

/** The longest path that a unix socket can be bound to, in bytes. */
export const maxSocketPathBytes = 107;

/**
 * A listening unix socket as a bare descriptor, to be handed to another program; this process never accepts on it. A file left at the path is
 * replaced. Mode 0600.
 */
export function listenUnix(path: string, backlog: number): OwnedFd {
  const pathBytes = Buffer.from(path);
  if (pathBytes.length > maxSocketPathBytes)
    throw new Error(`socket path "${path}" is longer than ${maxSocketPathBytes} bytes`);
  const address = Buffer.alloc(addressSize);
  address.writeUInt16LE(AF_UNIX, 0);
  pathBytes.copy(address, 2);

  const fd = libc().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw errnoError('cannot make a unix socket');
  const owned = ownFd(fd);
  try {
    removeLeftover(path);
    if (libc().bind(fd, address, 2 + pathBytes.length + 1) !== 0) throw errnoError(`cannot bind "${path}"`);
    if (libc().chmod(cString(path), 0o600) !== 0) throw errnoError(`cannot set the mode of "${path}"`);
    if (libc().listen(fd, backlog) !== 0) throw errnoError(`cannot listen on "${path}"`);
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
  return owned;
}

function removeLeftover(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // Expected: the path is free.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
