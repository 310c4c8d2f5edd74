import { errnoError } from '@bhatti/sys/native/errno.ts';
import { lazyLibrary } from '@bhatti/sys/native/library.ts';
import { openSync } from 'node:fs';

const libc = lazyLibrary(['libc.so.6'], { ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' } });

// <linux/if_tun.h>
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const ifreqBytes = 40;
const flagsAt = 16;

/** Makes a network device whose packets come out of, and go into, the descriptor: one IP packet a read or write. The device goes when the descriptor is closed. */
export function openTun(name: string): number {
  const fd = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(ifreqBytes);
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, flagsAt);
  // SAFETY: the kernel reads `request` during the call and keeps nothing.
  if (libc().ioctl(fd, TUNSETIFF, request) !== 0) throw errnoError(`TUNSETIFF "${name}"`);
  return fd;
}
