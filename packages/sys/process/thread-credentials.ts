import { ptr } from 'bun:ffi';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

/*
 * Starting a child as another user without a helper program.
 *
 * Credentials belong to a thread in Linux; only libc's wrappers spread them over a process. So: the one thread that runs JavaScript takes on the child's groups, gid and uid by raw system
 * calls, spawns (which returns after the child's exec), and takes its own back. Other threads never change. The saved uid stays 0 meanwhile, which is what allows the way back; exec
 * copies the effective into the saved one, so the child cannot come back. Costs about a microsecond; setpriv(1) costs a millisecond.
 */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

const libc = lazyLibrary(['libc.so.6'], {
  syscall: { args: ['i64', 'i64', 'i64', 'i64'], returns: 'i64' },
  prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
});

// Numbers of the raw calls: include/uapi/asm-generic/unistd.h for arm64, arch/x86/entry/syscalls/syscall_64.tbl for x64.
const numbers =
  process.arch === 'arm64'
    ? { setresuid: 147, setresgid: 149, getgroups: 158, setgroups: 159 }
    : { setresuid: 117, setresgid: 119, getgroups: 115, setgroups: 116 };
const prSetDumpable = 4;
const maxGroups = 65_536; // NGROUPS_MAX

/** Runs `spawn`, which must be synchronous, with the credentials of `who` on this thread. Legal for root only. */
export function withThreadCredentials<T>(who: Credentials, spawn: () => T): T {
  if (who.uid === 0 && who.gid === 0 && who.groups.length <= 1) return spawn();
  const own = getGroups();
  try {
    setGroups(who.groups);
    call('setresgid', numbers.setresgid, who.gid, who.gid, 0);
    call('setresuid', numbers.setresuid, who.uid, who.uid, 0);
    return spawn();
  } finally {
    call('setresuid', numbers.setresuid, 0, 0, 0);
    call('setresgid', numbers.setresgid, 0, 0, 0);
    setGroups(own);
    // A change of uid makes the process "not dumpable", and its /proc/self files then belong to the initial namespace's root, whom we are not inside a sandbox.
    libc().prctl(prSetDumpable, 1n, 0n, 0n, 0n);
  }
}

function getGroups(): number[] {
  const count = Number(libc().syscall(BigInt(numbers.getgroups), 0n, 0n, 0n));
  if (count <= 0) return [];
  const list = new Uint32Array(count);
  // SAFETY: the kernel writes `count` ids during the call and keeps nothing.
  const got = libc().syscall(BigInt(numbers.getgroups), BigInt(count), BigInt(ptr(list)), 0n);
  if (got < 0n) throw errnoError('getgroups');
  return [...list];
}

function setGroups(groups: readonly number[]): void {
  const list = new Uint32Array([...groups.slice(0, maxGroups), 0]); // one spare, since an empty array has no address
  // SAFETY: the kernel reads the list during the call and keeps nothing.
  const result = libc().syscall(BigInt(numbers.setgroups), BigInt(groups.length), BigInt(ptr(list)), 0n);
  if (result < 0n) throw errnoError(`setgroups ${groups.join(',')}`);
}

function call(name: string, number: number, a: number, b: number, c: number): void {
  const result = libc().syscall(BigInt(number), BigInt(a), BigInt(b), BigInt(c));
  if (result < 0n) throw errnoError(`${name} ${a}`);
}
