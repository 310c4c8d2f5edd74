import { ptr } from 'bun:ffi';
import { ownFd } from './native/descriptor.ts';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

/* The sending side of what datagram.ts receives: one message on a unix datagram socket, with or without a descriptor (unix(7), SCM_RIGHTS). */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  sendmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
});
const afUnix = 1;
const sockDgram = 2;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const scmRights = 1;
const msgNosignal = 0x4000;
const maxPathBytes = 108;

/** `path` may begin with `@`: a name that is no file. Throws what the system said. */
export function sendDatagram(path: string, text: string, passedFd?: number): void {
  const payload = Buffer.from(text);
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : path);
  if (name.length >= maxPathBytes) throw new Error(`"${path}" is too long for a socket`);
  const address = Buffer.alloc(2 + maxPathBytes);
  address.writeUInt16LE(afUnix, 0);
  name.copy(address, 2);
  const vector = new BigUint64Array([BigInt(ptr(payload)), BigInt(payload.length)]);
  // struct cmsghdr: length 8, level 4, type 4, then one descriptor, padded to 8.
  const control = Buffer.alloc(24);
  const header = Buffer.alloc(56); // struct msghdr: name 8, namelen 8, iov 8, iovlen 8, control 8, controllen 8, flags 8
  header.writeBigUInt64LE(BigInt(ptr(address)), 0);
  header.writeUInt32LE(2 + name.length + (path.startsWith('@') ? 0 : 1), 8);
  header.writeBigUInt64LE(BigInt(ptr(vector)), 16);
  header.writeBigUInt64LE(1n, 24);
  if (passedFd !== undefined) {
    control.writeBigUInt64LE(20n, 0);
    control.writeInt32LE(solSocket, 8);
    control.writeInt32LE(scmRights, 12);
    control.writeInt32LE(passedFd, 16);
    header.writeBigUInt64LE(BigInt(ptr(control)), 32);
    header.writeBigUInt64LE(BigInt(control.length), 40);
  }
  const fd = libc().socket(afUnix, sockDgram | sockCloexec, 0);
  if (fd < 0) throw errnoError('socket');
  using socket = ownFd(fd);
  // SAFETY: all buffers are alive until the call returns, and the kernel keeps none of them.
  if (Number(libc().sendmsg(socket.fd, header, msgNosignal)) < 0) throw errnoError(`send to "${path}"`);
}
