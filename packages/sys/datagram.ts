import { chmodSync, rmSync } from 'node:fs';
import { ptr } from 'bun:ffi';
import { errno, errnoError } from './native/errno.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * Unix datagram sockets, on which programs tell their service manager how they are (sd_notify(3)). The kernel says who sent each (SCM_CREDENTIALS, unix(7)).
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  recvmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
});

const afUnix = 1;
const sockDgram = 2;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soPasscred = 16;
const scmCredentials = 2;
const msgDontwait = 0x40;
const EAGAIN = 11;
const addressBytes = 110; // struct sockaddr_un
const controlBytes = 256; // credentials, and descriptors that a sender adds unasked
const messageHeaderBytes = 56; // struct msghdr on 64 bit: name 8, namelen 8, iov 8, iovlen 8, control 8, controllen 8, flags 8
const controlHeaderBytes = 16; // struct cmsghdr
const maxDatagramBytes = 4_096; // systemd's NOTIFY_BUFFER_MAX

export interface Datagram {
  /** Who sent it, 0 when the kernel did not say. */
  readonly pid: number;
  readonly uid: number;
  readonly text: string;
}

/** A socket file is replaced. Everybody may send. */
export function listenDatagram(path: string): OwnedFd {
  const address = Buffer.alloc(addressBytes);
  address.writeUInt16LE(afUnix, 0);
  const length = address.write(path, 2);
  const fd = libc().socket(afUnix, sockDgram | sockCloexec, 0);
  if (fd < 0) throw errnoError('socket');
  const owned = ownFd(fd);
  try {
    rmSync(path, { force: true });
    const one = Buffer.from([1, 0, 0, 0]);
    if (libc().setsockopt(fd, solSocket, soPasscred, one, one.length) !== 0) throw errnoError('setsockopt SO_PASSCRED');
    if (libc().bind(fd, address, 2 + length + 1) !== 0) throw errnoError(`bind "${path}"`);
    chmodSync(path, 0o666);
    return owned;
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
}

/** The next datagram, or undefined when there is none. Descriptors that came along are not taken: the kernel closes them. */
export function receiveDatagram(fd: number): Datagram | undefined {
  const payload = Buffer.alloc(maxDatagramBytes);
  const control = Buffer.alloc(controlBytes);
  const vector = new BigUint64Array([BigInt(ptr(payload)), BigInt(payload.length)]);
  const header = Buffer.alloc(messageHeaderBytes);
  header.writeBigUInt64LE(BigInt(ptr(vector)), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(BigInt(ptr(control)), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  // SAFETY: all four buffers are alive until the call returns, and the kernel keeps none of them.
  const length = Number(libc().recvmsg(fd, header, msgDontwait));
  if (length < 0) {
    if (errno() === EAGAIN) return undefined;
    throw errnoError('recvmsg');
  }
  const hasCredentials =
    header.readBigUInt64LE(40) >= BigInt(controlHeaderBytes + 12) &&
    control.readInt32LE(8) === solSocket &&
    control.readInt32LE(12) === scmCredentials;
  return {
    pid: hasCredentials ? control.readInt32LE(controlHeaderBytes) : 0,
    uid: hasCredentials ? control.readInt32LE(controlHeaderBytes + 4) : 0,
    text: payload.toString('utf8', 0, length),
  };
}
