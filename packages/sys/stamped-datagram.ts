import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';
import { allocateNative } from './native/memory.ts';

/*
 * Datagrams as a log takes them: looked at before they are taken, with who sent each (SCM_CREDENTIALS, unix(7)) and when the kernel took it (SO_TIMESTAMPNS, socket(7)), by which one is known again.
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  recvmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
  sendto: { args: ['i32', 'ptr', 'u64', 'i32', 'ptr', 'u32'], returns: 'i64' },
});

const afUnix = 1;
const sockDgram = 2;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soTimestampns = 35;
const scmCredentials = 2;
const msgPeek = 0x2;
const msgDontwait = 0x40;
const msgNosignal = 0x4000;
const EAGAIN = 11;
const controlBytes = 64; // struct timespec and struct ucred, each with its header: no room is left for descriptors, so the kernel does not install any
const messageHeaderBytes = 56; // struct msghdr on 64 bit: name 8, namelen 8, iov 8, iovlen 8, control 8, controllen 8, flags 8
const controlHeaderBytes = 16; // struct cmsghdr

/** From now on, the kernel notes when a datagram is sent to this socket. */
export function stampDatagrams(fd: number): void {
  const one = Buffer.from([1, 0, 0, 0]);
  if (libc().setsockopt(fd, solSocket, soTimestampns, one, one.length) !== 0)
    throw errnoError('setsockopt SO_TIMESTAMPNS');
}

export interface PeekedDatagram {
  /** Who sent it, 0 when the kernel did not say. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since the epoch, when it was sent. */
  readonly sentAtNs: bigint;
  /** Valid until the next call. What is longer than the reader's buffer is cut. */
  readonly bytes: Uint8Array;
}

/** Looks at datagrams before it takes them, so that a reader that is killed in between loses none. */
export interface DatagramReader extends Disposable {
  /** The next one, which stays in the socket; undefined when there is none. */
  peek(fd: number): PeekedDatagram | undefined;
  /** Takes the next one out. */
  drop(fd: number): void;
}

export function openDatagramReader(maxBytes: number): DatagramReader {
  const vectorAt = messageHeaderBytes + 8;
  const controlAt = vectorAt + 16;
  const payloadAt = controlAt + controlBytes;
  // Native memory, since its addresses stand in it.
  const memory = allocateNative(payloadAt + maxBytes);
  const view = Buffer.from(memory.bytes.buffer);
  view.writeBigUInt64LE(BigInt(memory.address + vectorAt), 16);
  view.writeBigUInt64LE(1n, 24);
  view.writeBigUInt64LE(BigInt(memory.address + controlAt), 32);
  view.writeBigUInt64LE(BigInt(memory.address + payloadAt), vectorAt);
  view.writeBigUInt64LE(BigInt(maxBytes), vectorAt + 8);
  const receive = (fd: number, flags: number) => {
    view.writeBigUInt64LE(BigInt(controlBytes), 40);
    const length = Number(libc().recvmsg(fd, memory.bytes, flags | msgDontwait));
    if (length < 0 && errno() !== EAGAIN) throw errnoError('recvmsg');
    return length;
  };
  return {
    peek(fd) {
      const length = receive(fd, msgPeek);
      if (length < 0) return undefined;
      let [pid, uid, gid, sentAtNs] = [0, 0, 0, 0n];
      const end = controlAt + Number(view.readBigUInt64LE(40));
      for (let at = controlAt; at + controlHeaderBytes <= end;) {
        const size = Number(view.readBigUInt64LE(at));
        const data = at + controlHeaderBytes;
        const kind = view.readInt32LE(at + 8) === solSocket ? view.readInt32LE(at + 12) : -1;
        if (kind === scmCredentials)
          [pid, uid, gid] = [view.readInt32LE(data), view.readUInt32LE(data + 4), view.readUInt32LE(data + 8)];
        if (kind === soTimestampns)
          sentAtNs = view.readBigInt64LE(data) * 1_000_000_000n + view.readBigInt64LE(data + 8);
        at += Math.max(controlHeaderBytes, Math.ceil(size / 8) * 8);
      }
      return { pid, uid, gid, sentAtNs, bytes: view.subarray(payloadAt, payloadAt + length) };
    },
    drop: (fd) => void receive(fd, 0),
    [Symbol.dispose]: () => memory.free(),
  };
}

/** Sends datagrams to a socket file, whenever somebody has it open and room for them. */
export function openDatagramSender(path: string): { trySend(bytes: Uint8Array): void } {
  const fd = libc().socket(afUnix, sockDgram | sockCloexec, 0);
  if (fd < 0) throw errnoError('socket');
  const family = Buffer.alloc(2); // struct sockaddr_un: the family, then the path
  family.writeUInt16LE(afUnix, 0);
  const address = Buffer.concat([family, Buffer.from(`${path}\0`)]);
  return {
    trySend(bytes) {
      // Expected to fail where nobody listens.
      libc().sendto(fd, bytes, BigInt(bytes.length), msgDontwait | msgNosignal, address, address.length);
    },
  };
}
