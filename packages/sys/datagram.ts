import { chmodSync, rmSync } from 'node:fs';
import { receiveMessage, type SocketMessage } from './descriptor-message.ts';
import { errnoError } from './native/errno.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * Unix datagram sockets, on which programs tell their service manager how they are (sd_notify(3)). The kernel says who sent each (SCM_CREDENTIALS, unix(7)).
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
});

const afUnix = 1;
const sockDgram = 2;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soPasscred = 16;
const addressBytes = 110; // struct sockaddr_un
const maxDatagramBytes = 4_096; // systemd's NOTIFY_BUFFER_MAX

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

/** The next datagram, or undefined when there is none. */
export function receiveDatagram(fd: number, how: 'take' | 'peek'): SocketMessage | undefined {
  return receiveMessage(fd, maxDatagramBytes, how);
}
