import { CodedError } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { mountIdmapped } from '@bhatti/sys/mount/idmap.ts';
import { attachLoop, isLoopAttached } from '@bhatti/sys/mount/loop.ts';
import { detachMount, mount } from '@bhatti/sys/mount/mount.ts';
import { sleep } from '@bhatti/base/operation.ts';
import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { damaged, needsReplay, replayJournal } from './disk.ts';
import type { MountPoints, SandboxPaths } from './paths.ts';

export interface RootfsRequest {
  readonly id: SandboxId;
  readonly paths: SandboxPaths;
  /** Directory of the image, owners as they are in the guest. */
  readonly image: string;
  /** Descriptors of user namespaces with the mapping of the sandbox, and with the same and one more uid for the host's root. */
  readonly imageMapFd: number;
  readonly diskMapFd: number;
  /** Host id of the sandbox's root. */
  readonly rootUid: number;
}

const releaseTimeoutMs = 10_000; // writing back a full cache of a small disk; beyond, somebody else holds it

/** Puts the root file system together below `paths.mounts`. All of it is private to the sandbox once that runs: take it off the host then. */
export async function mountRootfs(op: Operation, request: RootfsRequest): Promise<void> {
  const { mounts, diskImage } = request.paths;
  await waitForRelease(op, diskImage);
  if (needsReplay(diskImage)) await replayJournal(op, diskImage, request.id);

  for (const dir of [mounts.dir, mounts.image, mounts.disk, mounts.mappedDisk, mounts.rootfs])
    mkdirSync(dir, { recursive: true, mode: 0o711 });
  // The runtime passes here as the sandbox's root; nobody else but the host's root may.
  chownSync(mounts.dir, 0, request.rootUid);
  chmodSync(mounts.dir, 0o710);

  mountIdmapped(request.image, mounts.image, request.imageMapFd, { readOnly: true });
  mountDisk(mounts, diskImage, request.id);
  mountIdmapped(mounts.disk, mounts.mappedDisk, request.diskMapFd);
  mount({
    source: 'overlay',
    target: mounts.rootfs,
    type: 'overlay',
    // An image may hold device files; a sandbox has the few that the runtime gives it.
    flags: ['nodev'],
    options: `lowerdir=${mounts.image},upperdir=${mounts.mappedDisk}/upper,workdir=${mounts.mappedDisk}/work`,
  });
}

function mountDisk(mounts: MountPoints, diskImage: string, id: SandboxId): void {
  using loop = attachLoop(diskImage);
  try {
    mount({
      source: loop.path,
      target: mounts.disk,
      type: 'ext4',
      flags: ['noatime', 'nodev'],
      // The tables of a sparse file are zeros already; what is deleted inside is given back to the host.
      options: 'noinit_itable,discard',
    });
  } catch (error) {
    throw damaged(diskImage, id, error);
  }
  for (const name of ['upper', 'work']) mkdirSync(join(mounts.disk, name), { recursive: true, mode: 0o755 });
}

/** Takes every mount of this sandbox off the host, however far mounting came. What runs keeps its own. */
export function unmountRootfs(mounts: MountPoints): void {
  if (!existsSync(mounts.dir)) return;
  for (const target of [mounts.rootfs, mounts.mappedDisk, mounts.disk, mounts.image]) {
    // A crash between two starts can leave one mount above the other.
    while (detachMount(target));
    // Never recursive: were it still mounted, that would empty the image or the disk.
    if (existsSync(target)) rmdirSync(target);
  }
  rmdirSync(mounts.dir);
}

/** Returns when no file system stands on the disk any more. Two at once would destroy it. */
export async function waitForRelease(op: Operation, diskImage: string): Promise<void> {
  for (let waitedMs = 0; isLoopAttached(diskImage); waitedMs += 5) {
    if (waitedMs > releaseTimeoutMs)
      throw new CodedError('LOCKED', `cannot use disk "${diskImage}": something still holds it`, { what: diskImage });
    await sleep(op, 5);
  }
}
