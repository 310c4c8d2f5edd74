import { CodedError } from '@bhatti/base/errors.ts';
import { randomHex } from '@bhatti/base/ids.ts';
import { chown, mkdir, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const maxUnreadBytes = 1 << 30;

export interface FileOwnership {
  /** Undefined: the mode of the file that is replaced, or 0644. */
  readonly mode: number | undefined;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Replaces a file whole or not at all: whoever reads it sees the old content or the new one, after a crash too. A symbolic link stays one, and what it leads to is
 * replaced. Directories that are missing are made.
 */
export async function replaceFile(
  path: string,
  content: AsyncIterable<Uint8Array> | null,
  owner: FileOwnership,
): Promise<void> {
  const target = await realpath(path).catch(() => path); // expected: it is new
  const before = await stat(target).catch(() => undefined);
  if (before !== undefined && !before.isFile())
    throw new CodedError('INVALID_ARGUMENT', `cannot write "${path}": it is not a file`, {
      argument: 'path',
      value: path,
    });
  await makeDirectories(dirname(target), owner);

  const temporary = join(dirname(target), `.bhatti-${randomHex(6)}.tmp`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await writeContent(file, content ?? []);
    await file.chown(owner.uid, owner.gid);
    await file.chmod(owner.mode ?? (before === undefined ? 0o644 : before.mode & 0o7777));
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await file.close().catch(() => {}); // expected: closed already
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * The rest of the content is read even when it cannot be written: who still sends would find the connection closed instead of the reason. What goes on beyond any reasonable file is cut off.
 */
async function writeContent(
  file: FileHandle,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  let failure: unknown;
  let unreadBytes = 0;
  for await (const chunk of content) {
    if (failure === undefined) failure = await writeAll(file, chunk).catch((error: unknown) => error);
    else if ((unreadBytes += chunk.length) > maxUnreadBytes) break;
  }
  if (failure !== undefined) throw failure;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

async function makeDirectories(directory: string, owner: FileOwnership): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  // New ones belong to the same owner, from the first one that was made down to the last.
  for (let made = directory; made.length >= first.length; made = dirname(made)) await chown(made, owner.uid, owner.gid);
}
