import { toArrayBuffer } from 'bun:ffi';
import { CodedError } from '@bhatti/base/errors.ts';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  shmget: { args: ['i32', 'u64', 'i32'], returns: 'i32' },
  shmat: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
  shmdt: { args: ['u64'], returns: 'i32' },
  shmctl: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
});

// <sys/ipc.h> and <sys/shm.h>, the same on every Linux architecture.
const IPC_PRIVATE = 0;
const IPC_CREAT = 0o1000;
const IPC_RMID = 0;
const SHM_RDONLY = 0o10000;

/**
 * A System V shared memory segment that is mapped here. X servers know such segments by their id (MIT-SHM), and so do our own threads: each maps the
 * segment once and then reads it where it lies.
 */
export interface SharedSegment extends Disposable {
  readonly id: number;
  readonly bytes: number;
  /** Where native code finds it in this thread. */
  readonly address: number;
  /** The same memory. Empty after `detach`. */
  memory(): ArrayBuffer;
  /** Marks the segment for removal: it lives until the last process has detached it, and new attachments by id stay possible until then. */
  remove(): void;
  /** Unmaps it. Native code that still reads at `address` would crash, so its users must have ended. */
  detach(): void;
}

/** A new segment filled with zeros, readable and writable by this user. The caller owns it: `remove` it, or it outlives the machine's last program. */
export function createSharedSegment(bytes: number): SharedSegment {
  const id = libc().shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0o600);
  if (id < 0) throw outOfMemory(bytes, errnoError(`shmget of ${bytes} bytes`));
  try {
    return attachSharedSegment({ id, bytes });
  } catch (error) {
    libc().shmctl(id, IPC_RMID, null);
    throw error;
  }
}

/** Maps a segment that another thread or process made. `bytes` must not be more than it has. */
export function attachSharedSegment(
  segment: { readonly id: number; readonly bytes: number },
  options: { readonly readOnly?: boolean } = {},
): SharedSegment {
  const { id, bytes } = segment;
  const address = Number(libc().shmat(id, null, options.readOnly === true ? SHM_RDONLY : 0));
  if (address === -1) throw outOfMemory(bytes, errnoError(`shmat of segment ${id}`));
  let buffer = mapBuffer(address, bytes);
  let isAttached = true;

  function detach(): void {
    if (!isAttached) return;
    isAttached = false;
    // Detaches the ArrayBuffer, so that whoever kept a view finds it empty instead of reading an unmapped page, which would end the process.
    buffer = buffer.transfer(0);
    libc().shmdt(address);
  }

  return {
    id,
    bytes,
    address,
    memory: () => buffer,
    remove() {
      libc().shmctl(id, IPC_RMID, null);
    },
    detach,
    [Symbol.dispose]: detach,
  };
}

function mapBuffer(address: number, bytes: number): ArrayBuffer {
  // SAFETY: `address` came from shmat and the mapping has at least `bytes` bytes until shmdt; the type of pointers is a brand of bun:ffi.
  return toArrayBuffer(address as Parameters<typeof toArrayBuffer>[0], 0, bytes);
}

function outOfMemory(bytes: number, cause: Error): CodedError<'HOST_FULL'> {
  return new CodedError(
    'HOST_FULL',
    `cannot map ${bytes} bytes of shared memory: ${cause.message}`,
    { what: 'shared memory' },
    { cause },
  );
}
