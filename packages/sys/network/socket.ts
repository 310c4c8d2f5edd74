import { errno, errnoError } from '../native/errno.ts';
import { cString, ownFd, type OwnedFd } from '../native/descriptor.ts';
import { lazyLibrary } from '../native/library.ts';
import { decodePeer, encodeAddress, familyNumber, type SocketAddress, type SocketPeer } from './socket-address.ts';

/*
 * Sockets as bare descriptors: made here, waited for by epoll, and handed to programs that serve on them. The runtime's own sockets cannot be given away.
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  accept4: { args: ['i32', 'ptr', 'ptr', 'i32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
  fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
});

const types = { Stream: 1, Datagram: 2, SequentialPacket: 5 } as const;
export type SocketType = keyof typeof types;

const sockCloexec = 0o2_000_000;
const oNonblock = 0o4_000;
const solSocket = 1;
const soPeercred = 17;
const msgDontwait = 0x40;
const fGetfl = 3;
const fSetfl = 4;
const fSetpipeSize = 1_031;
const maxAddressBytes = 128; // struct sockaddr_storage
const EAFNOSUPPORT = 97;
// What a connection may have come to before it was accepted (accept(2)); the next one is not to blame.
const passingErrors = new Set([4, 11, 64, 71, 92, 95, 100, 101, 103, 104, 112, 113, 115]);

/** Level and name of options (socket(7), ip(7), ipv6(7), tcp(7)). */
const options = {
  SO_REUSEADDR: [1, 2],
  SO_BROADCAST: [1, 6],
  SO_SNDBUF: [1, 7],
  SO_RCVBUF: [1, 8],
  SO_KEEPALIVE: [1, 9],
  SO_PRIORITY: [1, 12],
  SO_REUSEPORT: [1, 15],
  SO_PASSCRED: [1, 16],
  SO_BINDTODEVICE: [1, 25],
  SO_SNDBUFFORCE: [1, 32],
  SO_RCVBUFFORCE: [1, 33],
  SO_MARK: [1, 36],
  IP_TOS: [0, 1],
  IP_TTL: [0, 2],
  IP_PKTINFO: [0, 8],
  IP_FREEBIND: [0, 15],
  IP_TRANSPARENT: [0, 19],
  TCP_NODELAY: [6, 1],
  TCP_KEEPIDLE: [6, 4],
  TCP_KEEPINTVL: [6, 5],
  TCP_KEEPCNT: [6, 6],
  TCP_DEFER_ACCEPT: [6, 9],
  TCP_CONGESTION: [6, 13],
  IPV6_UNICAST_HOPS: [41, 16],
  IPV6_V6ONLY: [41, 26],
  IPV6_RECVPKTINFO: [41, 49],
  IPV6_TRANSPARENT: [41, 75],
} as const;
export type SocketOption = keyof typeof options;

export interface SocketSpec {
  readonly type: SocketType;
  readonly address: SocketAddress;
  /** Set before it is bound; throws when the kernel refuses one. */
  readonly options: readonly (readonly [SocketOption, number | string])[];
  readonly backlog: number;
  readonly isBlocking: boolean;
}

/** A bound socket that listens where its type can. A file in the way is the caller's to remove. Throws what the system said. */
export function openSocket(spec: SocketSpec): OwnedFd {
  const flags = sockCloexec | (spec.isBlocking ? 0 : oNonblock);
  let { address } = spec;
  let made = libc().socket(familyNumber(address), types[spec.type] | flags, 0);
  if (made < 0 && errno() === EAFNOSUPPORT && address.family === 'inet6' && address.host === '::') {
    // A kernel without IPv6: everywhere is IPv4 then.
    address = { family: 'inet', host: '0.0.0.0', port: address.port };
    made = libc().socket(familyNumber(address), types[spec.type] | flags, 0);
  }
  if (made < 0) throw errnoError('socket');
  const owned = ownFd(made);
  try {
    for (const [option, value] of spec.options) setSocketOption(owned.fd, option, value);
    const bytes = encodeAddress(address);
    if (libc().bind(owned.fd, bytes, bytes.length) !== 0) throw errnoError('bind');
    if (spec.type !== 'Datagram' && libc().listen(owned.fd, spec.backlog) !== 0) throw errnoError('listen');
    return owned;
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
}

export function setSocketOption(fd: number, option: SocketOption, value: number | string): void {
  const [level, name] = options[option];
  const bytes = typeof value === 'string' ? cString(value) : Buffer.alloc(4);
  if (typeof value === 'number') bytes.writeInt32LE(value, 0);
  if (libc().setsockopt(fd, level, name, bytes, bytes.length) !== 0) throw errnoError(option);
}

export interface AcceptedConnection extends Disposable {
  readonly fd: number;
  readonly peer: SocketPeer;
  /** Our own end, as far as there is one to name. */
  readonly local: SocketPeer;
}

/** The next connection; undefined when none waits, or when the one that did has gone. Its descriptor blocks. */
export function tryAccept(fd: number): AcceptedConnection | undefined {
  const [address, length] = addressBuffers();
  // SAFETY: the kernel fills both during the call and keeps nothing.
  const accepted = libc().accept4(fd, address, length, sockCloexec);
  if (accepted < 0) {
    if (passingErrors.has(errno())) return undefined;
    throw errnoError('accept');
  }
  const owned = ownFd(accepted);
  const peer = decodePeer(address, length.readUInt32LE(0));
  const [localAddress, localLength] = addressBuffers();
  libc().getsockname(accepted, localAddress, localLength);
  return {
    fd: accepted,
    peer: peer.family === 'unix' ? { ...peer, ...peerCredentials(accepted) } : peer,
    local: decodePeer(localAddress, localLength.readUInt32LE(0)),
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

function addressBuffers(): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(maxAddressBytes, 0);
  return [Buffer.alloc(maxAddressBytes), length];
}

/** struct ucred: who called connect(2). */
function peerCredentials(fd: number): { pid: number; uid: number } {
  const credentials = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(credentials.length, 0);
  if (libc().getsockopt(fd, solSocket, soPeercred, credentials, length) !== 0) return { pid: 0, uid: 0 };
  return { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4) };
}

/** Throws away everything that waits: connections of a listening socket, or data of any other. */
export function flushSocket(fd: number, isListening: boolean): void {
  if (isListening) {
    // The kernel accepts on a blocking socket only when somebody is there.
    withNonBlocking(fd, () => {
      for (let next = tryAccept(fd); next !== undefined; next = tryAccept(fd)) next[Symbol.dispose]();
    });
    return;
  }
  const dump = Buffer.alloc(65_536);
  while (Number(libc().recv(fd, dump, BigInt(dump.length), msgDontwait)) > 0);
}

function withNonBlocking(fd: number, action: () => void): void {
  const before = libc().fcntl(fd, fGetfl, 0);
  libc().fcntl(fd, fSetfl, before | oNonblock);
  try {
    action();
  } finally {
    libc().fcntl(fd, fSetfl, before);
  }
}

/** Whether reading and accepting wait. It is a property of the open file: whoever shares it is concerned. */
export function setBlocking(fd: number, isBlocking: boolean): void {
  const before = libc().fcntl(fd, fGetfl, 0);
  const after = isBlocking ? before & ~oNonblock : before | oNonblock;
  if (before >= 0 && libc().fcntl(fd, fSetfl, after) !== 0) throw errnoError(`fcntl of descriptor ${fd}`);
}

export function setPipeSize(fd: number, bytes: number): void {
  if (libc().fcntl(fd, fSetpipeSize, bytes) < 0) throw errnoError('F_SETPIPE_SZ');
}
