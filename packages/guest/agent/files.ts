import { CodedError } from '@bhatti/base/errors.ts';
import { guestUid } from '@bhatti/wire/guest-paths.ts';
import type { FileEntry } from '@bhatti/wire/agent/files.ts';
import { open, readdir, rm, lstat, stat } from 'node:fs/promises';
import { constants, type Stats } from 'node:fs';
import { join } from 'node:path';
import { fileError } from './file-error.ts';
import { replaceFile } from './file-write.ts';

const chunkBytes = 262_144;

/** `GET, HEAD, PUT, DELETE /files?path=`, as wire/agent/files.ts has it. */
export async function answerFiles(request: Request, url: URL): Promise<Response> {
  const path = absolutePath(url.searchParams.get('path'));
  try {
    switch (request.method) {
      case 'HEAD':
        return await headFile(path);
      case 'GET':
        return url.searchParams.get('ls') === 'true' ? await listDirectory(path) : await readFile(request, url, path);
      case 'PUT':
        await replaceFile(path, request.body, {
          mode: modeOf(url.searchParams.get('mode')),
          uid: guestUid,
          gid: guestUid,
        });
        return new Response(null, { status: 204 });
      case 'DELETE':
        await rm(path, { recursive: url.searchParams.get('recursive') === 'true' });
        return new Response(null, { status: 204 });
      default:
        throw new CodedError('INVALID_ARGUMENT', `cannot ${request.method} a file`, { argument: 'method' });
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

async function headFile(path: string): Promise<Response> {
  return new Response(null, { status: 200, headers: statHeaders(await stat(path)) });
}

async function listDirectory(path: string): Promise<Response> {
  const names = await readdir(path);
  const entries: FileEntry[] = [];
  for (const name of names.sort()) {
    const entry = await tryStat(join(path, name));
    if (entry === undefined) continue; // removed since
    entries.push({
      name,
      size: entry.size,
      mode: octal(entry.mode),
      is_dir: entry.isDirectory(),
      mtime: Math.floor(entry.mtimeMs / 1_000),
    });
  }
  return Response.json(entries);
}

async function readFile(request: Request, url: URL, path: string): Promise<Response> {
  // Opening a FIFO that nobody writes into would wait for somebody.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (info.isDirectory())
      throw new CodedError('INVALID_ARGUMENT', `cannot read "${path}": it is a directory`, {
        argument: 'path',
        value: path,
      });
    // A FIFO or a terminal would hold a reader for ever.
    if (!info.isFile())
      throw new CodedError('INVALID_ARGUMENT', `cannot read "${path}": it is not a file`, {
        argument: 'path',
        value: path,
      });
    const range = rangeOf(request.headers.get('range'), url, info.size);
    const headers = statHeaders(info);
    if (range.isPartial)
      headers.set('Content-Range', `bytes ${range.start}-${Math.max(range.start, range.end - 1)}/${info.size}`);
    // Files of /proc say 0 and have content: those are read to their end.
    const end = info.size === 0 ? Infinity : range.end;
    return new Response(contentOf(file, range.start, end), { status: range.isPartial ? 206 : 200, headers });
  } catch (error) {
    await file.close();
    throw error;
  }
}

function contentOf(file: Awaited<ReturnType<typeof open>>, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream({
    async pull(controller) {
      const wanted = Math.min(chunkBytes, end - at);
      const { bytesRead, buffer } =
        wanted === 0
          ? { bytesRead: 0, buffer: new Uint8Array(0) }
          : await file.read(new Uint8Array(wanted), 0, wanted, at);
      at += bytesRead;
      if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
      controller.close();
      await file.close();
    },
    cancel: () => file.close(),
  });
}

interface ByteRange {
  readonly start: number;
  readonly end: number;
  readonly isPartial: boolean;
}

/** RFC 9110 §14.1.2, one range; or `offset` and `limit` of the query. */
function rangeOf(header: string | null, url: URL, size: number): ByteRange {
  const offset = url.searchParams.get('offset');
  const limit = url.searchParams.get('limit');
  if (offset !== null || limit !== null) {
    const start = Math.min(size, Number(offset ?? 0));
    const end = limit === null ? size : Math.min(size, start + Number(limit));
    if (!(start >= 0 && end >= start))
      throw new CodedError('INVALID_ARGUMENT', 'cannot read: "offset" or "limit" is not a number', {
        argument: 'offset',
      });
    return { start, end, isPartial: false };
  }
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return { start: 0, end: size, isPartial: false };
  const last = match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (match[1] === '') return { start: Math.max(0, size - Number(match[2])), end: size, isPartial: true };
  const start = Number(match[1]);
  if (start >= size)
    throw new CodedError('INVALID_ARGUMENT', `cannot read from byte ${start}: the file has ${size}`, {
      argument: 'range',
    });
  return { start, end: last + 1, isPartial: true };
}

function statHeaders(info: Stats): Headers {
  return new Headers({
    'Content-Type': 'application/octet-stream',
    'X-File-Size': String(info.size),
    'X-File-Mode': octal(info.mode),
    'X-File-Is-Dir': String(info.isDirectory()),
  });
}

async function tryStat(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    // A link that leads nowhere is shown as itself; what is gone is left out.
    return lstat(path).catch(() => undefined);
  }
}

function absolutePath(path: string | null): string {
  if (path === null || !path.startsWith('/') || path.includes('\0'))
    throw new CodedError('INVALID_ARGUMENT', `cannot use "${path ?? ''}": a path begins with "/"`, {
      argument: 'path',
      value: path ?? '',
    });
  return path;
}

function modeOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^0?[0-7]{3,4}$/.test(text))
    throw new CodedError('INVALID_ARGUMENT', `cannot set mode "${text}": not octal`, { argument: 'mode', value: text });
  return Number.parseInt(text, 8);
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
