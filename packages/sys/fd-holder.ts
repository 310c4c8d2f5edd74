import { receiveMessage, sendWithDescriptor } from './descriptor-message.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * s6-fdholderd's protocol, since its programs cost a process a descriptor, and s6-fdholder-getdump (2.11) fails on more than 255 of them. A message is the length of its body (4 bytes, big endian), the
 * number of descriptors that come with it (2 bytes), and the body; an answer's body begins with an errno in one byte, 0 for none.
 */
const libc = lazyLibrary(['libc.so.6'], {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
});

const afUnix = 1;
const sockStream = 1;
const sockCloexec = 0o2_000_000;
const solSocket = 1;
const soRcvtimeo = 20;
const soSndtimeo = 21;
const answerWithinS = 2n; // it answers in 50 µs; one that hangs must not take the service manager along
const headerBytes = 6;
const maxPieceBytes = 65_536;
const countBytes = 4;
/** S6_FDHOLDER_ID_SIZE. */
export const maxHeldNameBytes = 255;
// A TAI64N label in 12 bytes, 2^61 s from now: for ever.
const forEver = Buffer.from('600000010000000000000000', 'hex');

export interface FdHolder extends Disposable {
  /** Keeps a copy of the descriptor. Answers what went wrong as an errno, 0 for nothing. */
  store(name: string, fd: number): number;
  /** A copy of one that is kept, and stays kept; undefined when there is none of that name. */
  retrieve(name: string): OwnedFd | undefined;
  delete(name: string): number;
  list(): string[];
}

/** Connects to the socket of s6-fdholderd. Throws when nobody listens. */
export function connectFdHolder(path: string): FdHolder {
  const connection = connect(path);
  const ask = (body: Buffer, passed: number | undefined): Answer => {
    const message = Buffer.alloc(headerBytes + body.length);
    message.writeUInt32BE(body.length, 0);
    message.writeUInt16BE(passed === undefined ? 0 : 1, 4);
    body.copy(message, headerBytes);
    sendWithDescriptor(connection.fd, message, passed);
    return receiveAnswer(connection.fd);
  };
  return {
    store: (name, fd) => ask(Buffer.concat([Buffer.from('S'), forEver, lengthAndName(name)]), fd).problem,
    retrieve(name) {
      const { fds } = ask(Buffer.concat([Buffer.from('R\0'), lengthAndName(name)]), undefined);
      return fds[0] === undefined ? undefined : ownFd(fds[0]);
    },
    delete: (name) => ask(Buffer.concat([Buffer.from('D'), lengthAndName(name)]), undefined).problem,
    list: () =>
      ask(Buffer.from('L'), undefined)
        .body.subarray(countBytes)
        .toString()
        .split('\0')
        .filter((name) => name !== ''),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

interface Answer {
  readonly problem: number;
  readonly body: Buffer;
  readonly fds: readonly number[];
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

function receiveAnswer(socket: number): Answer {
  let bytes: Buffer = Buffer.alloc(0);
  const fds: number[] = [];
  while (bytes.length < headerBytes || bytes.length < headerBytes + bytes.readUInt32BE(0)) {
    const message = receiveMessage(socket, maxPieceBytes, 'wait');
    if (message === undefined) throw new Error('the holder of descriptors does not answer');
    if (message.bytes.length === 0) throw new Error('the holder of descriptors hung up');
    bytes = Buffer.concat([bytes, message.bytes]);
    fds.push(...message.fds);
  }
  return { problem: bytes[headerBytes] ?? 0, body: bytes.subarray(headerBytes + 1), fds };
}
