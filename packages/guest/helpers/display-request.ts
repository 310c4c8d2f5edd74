import { CodedError } from '@bhatti/base/errors.ts';
import { guestDisplay, guestDisplaySocket } from '@bhatti/wire/guest-paths.ts';
import { request, type IncomingMessage } from 'node:http';

export interface DisplayReply {
  readonly status: number;
  readonly body: Buffer;
}

const usualTimeoutMs = 10_000; // a screenshot takes 20 ms; a desktop that needs longer than this for one is stuck

export interface DisplayRequestOptions {
  readonly socket?: string;
  readonly okStatuses?: readonly number[];
  /** Makes it a POST. */
  readonly json?: unknown;
  readonly timeoutMs?: number;
}

/**
 * One request of the display server's control API. Throws what the server said, or DISPLAY_UNAVAILABLE when it does not answer. A status in
 * `okStatuses` is a result and not an error.
 */
export async function requestDisplay(path: string, options: DisplayRequestOptions = {}): Promise<DisplayReply> {
  const reply = await send(path, options);
  if (reply.status === 200 || options.okStatuses?.includes(reply.status) === true) return reply;
  throw await refusal(reply);
}

/** The same, for JSON. The server is ours but runs as the desktop's user, so `read` looks at what came before it is used. */
export async function requestDisplayJson<T>(
  path: string,
  read: (value: unknown) => T | undefined,
  options: { socket?: string } = {},
): Promise<T> {
  const { body } = await requestDisplay(path, options);
  const value = read(parseJson(body));
  if (value !== undefined) return value;
  throw new CodedError('PROTOCOL_VIOLATION', `unexpected reply from the display server to "${path}"`, {
    peer: 'display server',
  });
}

function send(path: string, options: DisplayRequestOptions): Promise<DisplayReply> {
  const { socket: socketPath = guestDisplaySocket, json, timeoutMs = usualTimeoutMs } = options;
  const method = json === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const call = request({ method, socketPath, path, headers: { host: 'display' }, timeout: timeoutMs }, (response) => {
      collect(response).then(resolve, (error: unknown) => reject(unavailable(error)));
    });
    call.once('timeout', () => call.destroy(new Error('it does not answer')));
    call.once('error', (error) => reject(unavailable(error)));
    call.end(json === undefined ? undefined : JSON.stringify(json));
  });
}

async function collect(response: IncomingMessage): Promise<DisplayReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  // A server that dies in the middle must not leave half a picture that looks whole.
  if (!response.complete) throw new Error('the connection was lost');
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
}

async function refusal(reply: DisplayReply): Promise<CodedError> {
  const { decodeError } = await import('@bhatti/wire/error.ts');
  return decodeError(parseJson(reply.body), 'the display server');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // expected: not JSON at all; whoever reads it then sees that nothing is there
  }
}

function unavailable(error: unknown): CodedError {
  if (errnoCode(error) === 'EACCES') {
    const message = `cannot use the desktop on display "${guestDisplay}": only root and lohar may`;
    return new CodedError('FORBIDDEN', message, { reason: 'user' }, { cause: error });
  }
  return new CodedError(
    'DISPLAY_UNAVAILABLE',
    `cannot reach the desktop on display "${guestDisplay}": ${reason(error)}`,
    { display: guestDisplay },
    { cause: error, hint: 'see "systemctl status kasmvnc"; a desktop that is booting is there in a few seconds' },
  );
}

function reason(error: unknown): string {
  const code = errnoCode(error);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'the display server is not running';
  return error instanceof Error ? error.message : String(error);
}

function errnoCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
