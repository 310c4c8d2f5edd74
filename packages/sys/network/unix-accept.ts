import { errno, errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';
import { ownFd, type OwnedFd } from '../native/descriptor.ts';

const libc = lazyLibrary(['libc.so.6'], {
  accept4: { args: ['i32', 'ptr', 'ptr', 'i32'], returns: 'i32' },
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
});
const sockNonblock = 0o4_000;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soPeercred = 17;
// What accept(2) says of a connection that has gone again, of none, or where descriptors have run out.
const passing = new Set([4, 11, 23, 24, 103]); // EINTR, EAGAIN, ENFILE, EMFILE, ECONNABORTED

export interface Accepted {
  /** Does not block. The caller owns it. */
  readonly socket: OwnedFd;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The next connection to a listening unix socket, and whose it is; undefined when there is none. For threads without an event loop. */
export function acceptUnix(listenFd: number): Accepted | undefined {
  const fd = libc().accept4(listenFd, null, null, sockNonblock | sockCloexec);
  if (fd < 0) {
    if (passing.has(errno())) return undefined;
    throw errnoError('accept4');
  }
  const socket = ownFd(fd);
  const credentials = Buffer.alloc(12); // struct ucred
  const length = Buffer.from([credentials.length, 0, 0, 0]);
  // SAFETY: the kernel fills both during the call and keeps nothing.
  if (libc().getsockopt(fd, solSocket, soPeercred, credentials, length) !== 0) {
    const error = errnoError('getsockopt SO_PEERCRED');
    socket[Symbol.dispose]();
    throw error;
  }
  const [pid, uid, gid] = [credentials.readInt32LE(0), credentials.readUInt32LE(4), credentials.readUInt32LE(8)];
  return { socket, pid, uid, gid };
}
