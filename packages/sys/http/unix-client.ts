import { CodedError } from '@bhatti/base/errors.ts';

export interface UnixRequest {
  readonly path: string;
  /** Makes it a POST of this JSON document. */
  readonly json?: unknown;
  readonly signal?: AbortSignal;
}

/** Posts a JSON document to a server on a unix socket. Throws as `requestUnix` does. */
export function postUnix(socket: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return requestUnix(socket, { path, json: body, ...(signal === undefined ? {} : { signal }) });
}

/** One request to a server on a unix socket, by the runtime's own client, which needs no module to be loaded. Throws FORBIDDEN when this user may not connect, CONNECTION_LOST when nobody listens or answers. */
export async function requestUnix(socket: string, { path, json, signal }: UnixRequest): Promise<Response> {
  try {
    return await fetch(`http://localhost${path}`, {
      unix: socket,
      ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (await isForbidden(socket))
      throw new CodedError(
        'FORBIDDEN',
        `cannot connect to "${socket}"`,
        { reason: 'permission denied' },
        { cause: error },
      );
    throw new CodedError(
      'CONNECTION_LOST',
      `cannot connect to "${socket}": ${code}`,
      { peer: socket },
      { cause: error },
    );
  }
}

/** The runtime's error does not tell a refused connection from a forbidden one. */
async function isForbidden(socket: string): Promise<boolean> {
  const { accessSync, constants } = await import('node:fs');
  try {
    accessSync(socket, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}
