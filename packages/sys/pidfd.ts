import { constants } from 'node:os';
import { errno, errnoError } from './native/errno.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';
import type { ChildExit } from './process/spawn.ts';

/*
 * pidfds: names of processes that are never given to another. A pidfd that was opened while the process ran tells how it ended even after somebody else
 * has reaped it (PIDFD_GET_INFO, Linux 6.15), which is how a service manager that died and came back learns the fate of children that are not its own any more.
 */
const libc = lazyLibrary(['libc.so.6'], {
  syscall: { args: ['i64', 'i64', 'i64'], returns: 'i64' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
});

const sysPidfdOpen = 434n; // the same number on every architecture since 5.3
const infoSize = 64; // PIDFD_INFO_SIZE_VER0
const pidfdGetInfo = (3n << 30n) | (BigInt(infoSize) << 16n) | (0xffn << 8n) | 11n; // _IOWR(PIDFS_IOCTL_MAGIC, 11, …)
const infoExit = 8n; // PIDFD_INFO_EXIT
const exitCodeAt = 60;
const ESRCH = 3;

/** A pidfd of a running process or zombie; undefined when there is none of that number. */
export function tryOpenPidfd(pid: number): OwnedFd | undefined {
  const fd = Number(libc().syscall(sysPidfdOpen, BigInt(pid), 0n));
  if (fd >= 0) return ownFd(fd);
  if (errno() === ESRCH) return undefined;
  throw errnoError(`pidfd_open ${pid}`);
}

export type PidfdStatus =
  | { readonly kind: 'running' }
  | ({ readonly kind: 'exited' } & ChildExit)
  /** It is gone, and this kernel does not tell how. */
  | { readonly kind: 'gone' };

export function pidfdStatus(pidfd: OwnedFd, isAlive: () => boolean): PidfdStatus {
  const info = Buffer.alloc(infoSize);
  info.writeBigUInt64LE(infoExit, 0);
  if (libc().ioctl(pidfd.fd, pidfdGetInfo, info) === 0) {
    const hasExit = (info.readBigUInt64LE(0) & infoExit) !== 0n;
    // Ended and not reaped yet counts as running.
    return hasExit ? { kind: 'exited', ...decodeWaitStatus(info.readInt32LE(exitCodeAt)) } : { kind: 'running' };
  }
  // ESRCH: reaped, and this kernel keeps no exit status; ENOTTY, EINVAL: it does not know the question, so a zombie must do.
  return isAlive() ? { kind: 'running' } : { kind: 'gone' };
}

/** wait(2)'s status word. */
export function decodeWaitStatus(status: number): ChildExit {
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff, signal: undefined };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { exitCode: 128 + number, signal: name ?? `SIGRTMIN+${number - 34}`, hasCore: (status & 0x80) !== 0 };
}
