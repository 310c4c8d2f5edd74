import { ptr } from 'bun:ffi';
import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * Messages on unix sockets with what may come beside the bytes (unix(7)): descriptors (SCM_RIGHTS), and who sent them (SCM_CREDENTIALS).
 */
const libc = lazyLibrary(['libc.so.6'], {
  sendmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
  recvmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
});

const solSocket = 1;
const scmRights = 1;
const scmCredentials = 2;
const msgPeek = 0x2;
const msgDontwait = 0x40;
const msgNosignal = 0x4000;
const msgCmsgCloexec = 0x4000_0000;
const EAGAIN = 11;
const EINTR = 4;
const messageHeaderBytes = 56; // struct msghdr on 64 bit: name 8, namelen 8, iov 8, iovlen 8, control 8, controllen 8, flags 8
const controlHeaderBytes = 16; // struct cmsghdr: length 8, level 4, type 4
const controlBytes = 2_048; // credentials, and the 253 descriptors that one message may carry at most (SCM_MAX_FD)

export interface SocketMessage {
  readonly bytes: Buffer;
  /** Who sent it, 0 when the kernel did not say. */
  readonly pid: number;
  readonly uid: number;
  /** Descriptors that came along: the caller's to close. */
  readonly fds: readonly number[];
}

/** Sends all bytes, with one descriptor beside them. */
export function sendWithDescriptor(socket: number, bytes: Buffer, fd: number | undefined): void {
  const control = Buffer.alloc(fd === undefined ? 0 : 24);
  if (fd !== undefined) {
    control.writeBigUInt64LE(BigInt(controlHeaderBytes + 4), 0);
    control.writeInt32LE(solSocket, 8);
    control.writeInt32LE(scmRights, 12);
    control.writeInt32LE(fd, controlHeaderBytes);
  }
  let sent = 0;
  while (sent < bytes.length) {
    const rest = bytes.subarray(sent);
    const [header, vector] = messageHeader(rest, sent === 0 ? control : Buffer.alloc(0));
    // SAFETY: all buffers are alive until the call returns, and the kernel keeps none of them.
    const count = Number(libc().sendmsg(socket, header, msgNosignal));
    if (count < 0 && errno() !== EINTR) throw errnoError('sendmsg');
    if (count > 0) sent += count;
    void vector; // WHY: named so that it lives as long as the header that points to it
  }
}

/** The next message, or undefined when there is none. `peek` leaves it where it is; its descriptors are copies then. `wait` waits for one as long as the socket allows. */
export function receiveMessage(
  socket: number,
  maxBytes: number,
  how: 'take' | 'peek' | 'wait',
): SocketMessage | undefined {
  const payload = Buffer.alloc(maxBytes);
  const control = Buffer.alloc(controlBytes);
  const [header, vector] = messageHeader(payload, control);
  const flags = msgCmsgCloexec | (how === 'wait' ? 0 : msgDontwait) | (how === 'peek' ? msgPeek : 0);
  // SAFETY: all four buffers are alive until the call returns, and the kernel keeps none of them.
  const length = Number(libc().recvmsg(socket, header, flags));
  void vector;
  if (length < 0) {
    if (errno() === EAGAIN || errno() === EINTR) return undefined;
    throw errnoError('recvmsg');
  }
  return {
    bytes: payload.subarray(0, length),
    ...readControl(control.subarray(0, Number(header.readBigUInt64LE(40)))),
  };
}

function messageHeader(payload: Buffer, control: Buffer): [Buffer, BigUint64Array] {
  const vector = new BigUint64Array([payload.length === 0 ? 0n : BigInt(ptr(payload)), BigInt(payload.length)]);
  const header = Buffer.alloc(messageHeaderBytes);
  header.writeBigUInt64LE(BigInt(ptr(vector)), 16);
  header.writeBigUInt64LE(1n, 24);
  if (control.length > 0) header.writeBigUInt64LE(BigInt(ptr(control)), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  return [header, vector];
}

function readControl(control: Buffer): { pid: number; uid: number; fds: number[] } {
  const found = { pid: 0, uid: 0, fds: [] as number[] };
  for (let at = 0; at + controlHeaderBytes <= control.length;) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < controlHeaderBytes || at + length > control.length) break;
    const [level, type] = [control.readInt32LE(at + 8), control.readInt32LE(at + 12)];
    const start = at + controlHeaderBytes;
    if (level === solSocket && type === scmCredentials) {
      found.pid = control.readInt32LE(start);
      found.uid = control.readInt32LE(start + 4);
    } else if (level === solSocket && type === scmRights) {
      for (let fd = start; fd + 4 <= at + length; fd += 4) found.fds.push(control.readInt32LE(fd));
    }
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}
