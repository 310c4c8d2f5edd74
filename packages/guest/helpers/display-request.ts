import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { requestUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestDisplay, guestDisplaySocket } from '@bhatti/wire/guest-paths.ts';

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

async function send(path: string, options: DisplayRequestOptions): Promise<DisplayReply> {
  const { socket = guestDisplaySocket, json, timeoutMs = usualTimeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await requestUnix(socket, { path, signal, ...(json === undefined ? {} : { json }) });
    // A server that dies in the middle makes this fail: half a picture must not look whole.
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  } catch (error) {
    throw unavailable(error, signal.aborted);
  }
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

function unavailable(error: unknown, isOver: boolean): CodedError {
  if (hasCode(error, 'FORBIDDEN')) {
    const message = `cannot use the desktop on display "${guestDisplay}": only root and lohar may`;
    return new CodedError('FORBIDDEN', message, { reason: 'user' }, { cause: error });
  }
  const isLost = hasCode(error, 'CONNECTION_LOST');
  const reason = isOver
    ? 'it does not answer'
    : isLost
      ? 'the display server is not running'
      : 'the connection was lost';
  return new CodedError(
    'DISPLAY_UNAVAILABLE',
    `cannot reach the desktop on display "${guestDisplay}": ${reason}`,
    { display: guestDisplay },
    { cause: error, hint: 'see "systemctl status kasmvnc"; a desktop that is booting is there in a few seconds' },
  );
}
