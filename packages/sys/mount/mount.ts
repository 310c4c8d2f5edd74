import { cString } from '../native/descriptor.ts';
import { errno, errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  mount: { args: ['ptr', 'ptr', 'ptr', 'u64', 'ptr'], returns: 'i32' },
  umount2: { args: ['ptr', 'i32'], returns: 'i32' },
});

/** Flags of mount(2) by their names in mount(8). */
const flagBits = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  remount: 32,
  noatime: 1024,
  bind: 4096,
  rec: 16_384,
  private: 1 << 18,
} as const;

export type MountFlag = keyof typeof flagBits;

export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** Options of the file system itself, comma-separated. */
  readonly options?: string;
}

const EINVAL = 22;
const ENOENT = 2;
const MNT_DETACH = 2;

/** mount(2). A few hundred microseconds; never used on a file system that still has a journal to replay. */
export function mount(request: MountRequest): void {
  const flags = (request.flags ?? []).reduce((bits, flag) => bits | flagBits[flag], 0);
  const result = libc().mount(
    cString(request.source),
    cString(request.target),
    request.type === undefined ? null : cString(request.type),
    flags,
    request.options === undefined ? null : cString(request.options),
  );
  if (result !== 0) throw errnoError(`cannot mount "${request.source}" at "${request.target}"`);
}

/** Takes the topmost mount off a path at once; the file system itself goes when its last user does. Returns false when nothing was mounted there. */
export function detachMount(target: string): boolean {
  if (libc().umount2(cString(target), MNT_DETACH) === 0) return true;
  const code = errno();
  if (code === EINVAL || code === ENOENT) return false; // expected: not a mount point, or no such path
  throw errnoError(`cannot unmount "${target}"`);
}
