import { FileListReplySchema, type FileEntry } from '@bhatti/wire/agent/files.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

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
    async remove(caller: Caller, sandbox: string, path: string): Promise<void> {
      await api.request(caller, { method: 'DELETE', path: at(sandbox, path) });
    },
  };
}

function at(sandbox: string, path: string, more = ''): string {
  return sandboxPath(sandbox, `/files?path=${encodeURIComponent(path)}${more}`);
}
