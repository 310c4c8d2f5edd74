import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import { closeSync, ftruncateSync, openSync, readSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const mib = 1024 * 1024;
const minFreeMib = 256; // what must be left on the host before another sandbox may start to grow

/**
 * Makes the sandbox's own file system: ext4 in a sparse file, so that its size is a limit and no reservation. The tables stay unwritten: a sparse
 * file reads as the zeros that they would hold.
 */
export async function makeDisk(op: Operation, file: string, sizeMib: number): Promise<void> {
  checkRoom(dirname(file));
  const fd = openSync(file, 'w', 0o600);
  try {
    ftruncateSync(fd, sizeMib * mib);
  } finally {
    closeSync(fd);
  }
  await run(op, ['mkfs.ext4', ...formatOptions(sizeMib), file]);
}

function formatOptions(sizeMib: number): string[] {
  return [
    '-q',
    '-F',
    '-m0', // no blocks kept for root: root in the sandbox is an ordinary user of its disk
    `-Jsize=${sizeMib >= 512 ? 16 : 4}`, // the default of 64-128 MiB would come off a small disk
    '-O^resize_inode',
    '-Elazy_itable_init=1,lazy_journal_init=1,nodiscard',
  ];
}

/** Throws HOST_FULL when the host has no room for a sandbox to write anything. */
export function checkRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const freeMib = Math.floor((bavail * bsize) / mib);
  if (freeMib >= minFreeMib) return;
  throw new CodedError(
    'HOST_FULL',
    `cannot make a disk in "${dir}": ${freeMib} MiB are free`,
    { what: dir },
    {
      hint: 'remove images or sandboxes, or give the data directory a larger disk',
    },
  );
}

/** Whether the file system was cut off while it was written to: its journal must be replayed before it can be mounted quickly. */
export function needsReplay(file: string): boolean {
  const field = Buffer.alloc(4);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, field, 0, 4, 1024 + 0x60); // superblock at 1024, s_feature_incompat at 0x60
  } finally {
    closeSync(fd);
  }
  return (field.readUInt32LE() & 0x4) !== 0; // EXT4_FEATURE_INCOMPAT_RECOVER
}

/** Replays the journal outside of this process, so that a long one does not hold up the others. Throws BOOT_FAILED for a disk that cannot be repaired without a person. */
export async function replayJournal(op: Operation, file: string, id: SandboxId): Promise<void> {
  try {
    await run(op, ['e2fsck', '-p', file], { okExitCodes: [0, 1, 2] });
  } catch (error) {
    if (!hasCode(error, 'COMMAND_FAILED')) throw error;
    throw damaged(file, id, error, error.log);
  }
}

export function damaged(file: string, id: SandboxId, cause: unknown, log: readonly string[] = []): CodedError {
  return new CodedError(
    'BOOT_FAILED',
    `cannot use disk "${file}": it is damaged`,
    { sandbox: id },
    {
      cause,
      hint: `make a copy of the disk and run "e2fsck ${file}"`,
      log,
    },
  );
}
