import { hasCode } from '@bhatti/base/errors.ts';
import { FileListReplySchema, type FileEntry } from '@bhatti/wire/agent/files.ts';

import { sandboxPath, type Api } from './api.ts';
import type { ApiReply, Caller } from './transport.ts';

export interface FileStat {
  readonly sizeBytes: number;
  /** Octal permission bits, four digits. */
  readonly mode: string;
  readonly isDirectory: boolean;
}

export interface FileContent {
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Files of a sandbox, by absolute path. */
export function fileCalls(api: Api) {
  return {
    async read(caller: Caller, sandbox: string, path: string): Promise<FileContent> {
      const response = await api.request(caller, { method: 'GET', path: at(sandbox, path) });
      return {
        sizeBytes: Number(response.headers.get('x-file-size') ?? 0),
        chunks: api.chunks(caller, response),
      };
    },
    /** Replaces the file as a whole once all of `content` has arrived. `mode` is octal, e.g. `0755`. */
    async write(
      caller: Caller,
      sandbox: string,
      path: string,
      content: string | Uint8Array | ReadableStream<Uint8Array>,
      mode?: string,
    ): Promise<void> {
      await api.request(caller, {
        method: 'PUT',
        path: at(sandbox, path, mode === undefined ? '' : `&mode=${encodeURIComponent(mode)}`),
        body: content,
      });
    },
    list: (caller: Caller, sandbox: string, path: string): Promise<FileEntry[]> =>
      api.call(caller, FileListReplySchema, { method: 'GET', path: at(sandbox, path, '&ls=true') }),
    /** Where a link leads to. */
    async stat(caller: Caller, sandbox: string, path: string): Promise<FileStat> {
      const response = await headOf(api, caller, at(sandbox, path));
      return {
        sizeBytes: Number(response.headers.get('x-file-size') ?? 0),
        mode: response.headers.get('x-file-mode') ?? '',
        isDirectory: response.headers.get('x-file-is-dir') === 'true',
      };
    },
    async remove(caller: Caller, sandbox: string, path: string, what: 'one' | 'tree' = 'one'): Promise<void> {
      await api.request(caller, {
        method: 'DELETE',
        path: at(sandbox, path, what === 'tree' ? '&recursive=true' : ''),
      });
    },
  };
}

/** A refused HEAD says no reason, since it has no body: a GET of no bytes does. */
async function headOf(api: Api, caller: Caller, path: string): Promise<ApiReply> {
  try {
    return await api.request(caller, { method: 'HEAD', path });
  } catch (error) {
    if (!hasCode(error, 'PROTOCOL_VIOLATION')) throw error;
    await api.text(await api.request(caller, { method: 'GET', path: `${path}&offset=0&limit=0` }));
    throw error;
  }
}

function at(sandbox: string, path: string, more = ''): string {
  return sandboxPath(sandbox, `/files?path=${encodeURIComponent(path)}${more}`);
}
