import { errno, errnoError } from './native/errno.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';
import { sendWithDescriptor } from './descriptor-message.ts';

/*
 * The two requests of s6-fdholderd's protocol that must not cost a process each: store and delete. A message is its length (4 bytes, big endian), the number of descriptors that come with it (2 bytes), and
 * its body; the answer to both requests is a body of one byte, 0 or an errno.
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
});

const afUnix = 1;
const sockStream = 1;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soRcvtimeo = 20;
const soSndtimeo = 21;
const answerWithinS = 2n; // it answers in 50 µs; one that hangs must not take the service manager along
const headerBytes = 6;
const answerBytes = headerBytes + 1;
/** S6_FDHOLDER_ID_SIZE. */
export const maxHeldNameBytes = 255;
// A TAI64N label in 12 bytes, 2^61 s from now: for ever.
const forEver = Buffer.from('600000010000000000000000', 'hex');

export interface FdHolder extends Disposable {
  /** Keeps a copy of the descriptor. Answers what went wrong as an errno, 0 for nothing. */
  store(name: string, fd: number): number;
  delete(name: string): number;
}

/** Connects to the socket of s6-fdholderd. Throws when nobody listens. */
export function connectFdHolder(path: string): FdHolder {
  const connection = connect(path);
  const ask = (body: Buffer, passed: number | undefined): number => {
    const message = Buffer.alloc(headerBytes + body.length);
    message.writeUInt32BE(body.length, 0);
    message.writeUInt16BE(passed === undefined ? 0 : 1, 4);
    body.copy(message, headerBytes);
    sendWithDescriptor(connection.fd, message, passed);
    return receiveAnswer(connection.fd);
  };
  return {
    store: (name, fd) => ask(Buffer.concat([Buffer.from('S'), forEver, lengthAndName(name)]), fd),
    delete: (name) => ask(Buffer.concat([Buffer.from('D'), lengthAndName(name)]), undefined),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

function lengthAndName(name: string): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length > maxHeldNameBytes) throw new Error(`a name of ${bytes.length} bytes is too long to be kept`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes, Buffer.from([0])]);
}

function connect(path: string): OwnedFd {
  const address = Buffer.alloc(110); // struct sockaddr_un
  address.writeUInt16LE(afUnix, 0);
  address.write(path, 2);
  const fd = libc().socket(afUnix, sockStream | sockCloexec, 0);
  if (fd < 0) throw errnoError('socket');
  const owned = ownFd(fd);
  const timeout = Buffer.alloc(16); // struct timeval
  timeout.writeBigInt64LE(answerWithinS, 0);
  for (const option of [soRcvtimeo, soSndtimeo]) libc().setsockopt(fd, solSocket, option, timeout, timeout.length);
  if (libc().connect(fd, address, address.length) === 0) return owned;
  const error = errnoError(`connect to "${path}"`);
  owned[Symbol.dispose]();
  throw error;
}

function receiveAnswer(fd: number): number {
  const answer = Buffer.alloc(answerBytes);
  for (let at = 0; at < answerBytes;) {
    // SAFETY: the kernel fills the rest of `answer` during the call and keeps nothing.
    const got = Number(libc().recv(fd, answer.subarray(at), BigInt(answerBytes - at), 0));
    if (got === 0) throw new Error('the holder of descriptors hung up');
    if (got < 0 && errno() !== 4) throw errnoError('recv from the holder of descriptors');
    if (got > 0) at += got;
  }
  return answer[headerBytes] ?? 0;
}
