import { errno, errnoError } from './native/errno.ts';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * A descriptor that becomes readable when somebody sets the system's clock (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). The timer itself never fires.
 */
const libc = lazyLibrary(['libc.so.6'], {
  timerfd_create: { args: ['i32', 'i32'], returns: 'i32' },
  timerfd_settime: { args: ['i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  read: { args: ['i32', 'ptr', 'u64'], returns: 'i64' },
});
const clockRealtime = 0;
const flags = 0o2_004_000; // TFD_CLOEXEC, TFD_NONBLOCK
const absoluteCancelOnSet = 3; // TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET
const farAway = 0x7fff_ffff_ffffn; // seconds
const ECANCELED = 125;

export function openClockChange(): OwnedFd {
  const made = libc().timerfd_create(clockRealtime, flags);
  if (made < 0) throw errnoError('timerfd_create');
  const owned = ownFd(made);
  arm(owned.fd);
  return owned;
}

/** Whether the clock was set since the last time; from then on the next change counts. */
export function takeClockChange({ fd }: OwnedFd): boolean {
  const expirations = Buffer.alloc(8);
  // SAFETY: the kernel fills the number during the call and keeps nothing.
  const isChanged = Number(libc().read(fd, expirations, 8n)) < 0 && errno() === ECANCELED;
  arm(fd);
  return isChanged;
}

function arm(fd: number): void {
  // struct itimerspec: no interval, the first time after all times
  const times = new BigInt64Array([0n, 0n, farAway, 0n]);
  // ECANCELED: the clock was set just now, and the timer is armed all the same.
  if (libc().timerfd_settime(fd, absoluteCancelOnSet, times, null) !== 0 && errno() !== ECANCELED)
    throw errnoError('timerfd_settime');
}
