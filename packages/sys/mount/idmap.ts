import { CodedError } from '@bhatti/base/errors.ts';
import { cString, ownFd, type OwnedFd } from '../native/descriptor.ts';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

// glibc 2.36 has no wrappers for these; the numbers are the same on every architecture that has the calls at all (Linux 5.12).
const libc = lazyLibrary(['libc.so.6'], {
  syscall: { args: ['i64', 'i64', 'ptr', 'i64', 'ptr', 'i64'], returns: 'i64' },
});

const SYS_open_tree = 428;
const SYS_move_mount = 429;
const SYS_mount_setattr = 442;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const OPEN_TREE_CLONE = 1;
const O_CLOEXEC = 0o2_000_000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MOUNT_ATTR_RDONLY = 1n;
const MOUNT_ATTR_IDMAP = 0x10_0000n;

/** Flags for one mount, set together with its id mapping. */
export interface IdmapOptions {
  readonly readOnly?: boolean;
}

/**
 * Shows the directory `source` at `target` with owners translated by the mapping of a user namespace (mount_setattr(2), MOUNT_ATTR_IDMAP): what the disk
 * has as uid 0 belongs to the namespace's root there. Needs Linux 5.12, and 5.19 below an overlay. The mapping stays when the namespace is gone.
 */
export function mountIdmapped(
  source: string,
  target: string,
  userNamespaceFd: number,
  options: IdmapOptions = {},
): void {
  using tree = cloneTree(source);
  const attributes = new BigUint64Array(4); // struct mount_attr: attr_set, attr_clr, propagation, userns_fd
  attributes[0] = MOUNT_ATTR_IDMAP | (options.readOnly ? MOUNT_ATTR_RDONLY : 0n);
  attributes[3] = BigInt(userNamespaceFd);
  const set = libc().syscall(SYS_mount_setattr, tree.fd, cString(''), AT_EMPTY_PATH, attributes, attributes.byteLength);
  if (Number(set) !== 0) throw mappingRefused(source);
  moveMount(tree.fd, target);
}

function mappingRefused(source: string): CodedError {
  return new CodedError(
    'HOST_UNSUPPORTED',
    `cannot map the owners of files in "${source}": its file system refuses`,
    { needs: 'a file system with id-mapped mounts' },
    {
      cause: errnoError('mount_setattr'),
      hint: 'keep the data directory on ext4, xfs or btrfs, with Linux 5.19 or later (tmpfs: 6.3)',
    },
  );
}

function cloneTree(source: string): OwnedFd {
  const fd = Number(libc().syscall(SYS_open_tree, AT_FDCWD, cString(source), OPEN_TREE_CLONE | O_CLOEXEC, null, 0));
  if (fd < 0) throw errnoError(`cannot open the mount of "${source}"`);
  return ownFd(fd);
}

function moveMount(treeFd: number, target: string): void {
  const moved = libc().syscall(SYS_move_mount, treeFd, cString(''), AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH);
  if (Number(moved) !== 0) throw errnoError(`cannot mount at "${target}"`);
}
