import { CodedError } from '@bhatti/base/errors.ts';

/** Posts a JSON document to a server on a unix socket. Throws FORBIDDEN when this user may not connect, CONNECTION_LOST when nobody listens. */
export async function postUnix(socket: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(`http://localhost${path}`, {
      unix: socket,
      method: 'POST',
      body: JSON.stringify(body),
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
