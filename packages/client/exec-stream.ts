import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import type { ExecClientMessage, ExecGuestMessage, ExecRequest } from '@bhatti/wire/agent/exec.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller, MessageSocket } from './transport.ts';

/** Where output goes. The next bytes are taken when the returned promise resolves, so a slow taker slows the command down, not the memory up. */
export interface ExecOutput {
  readonly onStdout: (bytes: Uint8Array) => Promise<void>;
  readonly onStderr: (bytes: Uint8Array) => Promise<void>;
  readonly onStarted?: (started: { readonly pid: number; readonly session?: string | undefined }) => void;
}

export type ExecEnd =
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly signal?: string | undefined;
      readonly timedOut: boolean;
    }
  /** The session goes on without this client. */
  | { readonly kind: 'detached' };

export interface ExecStream {
  /** How it ended. Rejects with the guest's error, CONNECTION_LOST, or the caller's reason to abort. */
  readonly ended: Promise<ExecEnd>;
  /** Standard input; resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>;
  endInput(): void;
  resize(size: { readonly rows: number; readonly cols: number }): void;
  /** `INT`, `TERM`, …, to the process group. */
  signal(name: string): void;
  detach(): void;
  /** Drops the connection: the guest kills a command that was not to be kept. */
  close(): void;
}

export async function openExecStream(
  api: Api,
  caller: Caller,
  sandbox: string,
  what: { readonly request: ExecRequest } | { readonly session: string },
  output: ExecOutput,
): Promise<ExecStream> {
  const query = 'session' in what ? `?session=${encodeURIComponent(what.session)}` : '';
  const first: ExecClientMessage | undefined = 'request' in what ? { type: 'exec', ...what.request } : undefined;
  const path = sandboxPath(sandbox, `/exec${query}`);
  const opening = api.open(caller, path, first === undefined ? undefined : JSON.stringify(first));
  const decoding = loadDecoding();
  const socket = await opening;
  const input = new InputWindow(socket);
  const tell = (message: ExecClientMessage) => socket.send(JSON.stringify(message));

  const abort = () => socket.close();
  caller.signal.addEventListener('abort', abort, { once: true });
  // It was aborted while the connection was made.
  if (caller.signal.aborted) abort();
  const ended = readEnd(socket, sandbox, input, output, caller, decoding).finally(() => {
    caller.signal.removeEventListener('abort', abort);
    input.close();
    socket.close();
  });

  return {
    ended,
    write: (bytes) => input.write(bytes),
    endInput: () => tell({ type: 'stdin-end' }),
    resize: ({ rows, cols }) => tell({ type: 'resize', rows, cols }),
    signal: (name) => tell({ type: 'signal', name }),
    detach() {
      input.isDetached = true;
      tell({ type: 'detach' });
    },
    close: abort,
  };
}

async function readEnd(
  socket: MessageSocket,
  sandbox: string,
  input: InputWindow,
  output: ExecOutput,
  caller: Caller,
  decoding: ReturnType<typeof loadDecoding>,
): Promise<ExecEnd> {
  const { wire, decodeReply } = await decoding;
  for await (const message of socket.messages) {
    if (typeof message !== 'string') {
      await takeOutput(message, wire, output);
      continue;
    }
    const event = decodeReply(wire.ExecGuestMessageSchema, tryJson(message), sandbox);
    if (event.type === 'started') output.onStarted?.(event);
    else if (event.type === 'ack') input.acknowledge(event.bytes);
    else if (event.type === 'error') throw await guestError(event, sandbox);
    else
      return {
        kind: 'exited',
        exitCode: event.exitCode,
        signal: event.signal,
        timedOut: event.timedOut ?? false,
      };
  }
  if (caller.signal.aborted) throw abortReason(caller.signal);
  if (input.isDetached) return { kind: 'detached' };
  throw new CodedError('CONNECTION_LOST', `connection to sandbox "${sandbox}" lost`, { peer: sandbox });
}

/** Loaded while the guest starts the command: the schemas cost 0.7 ms, which nobody then waits for. The turn lets the request out first. */
async function loadDecoding() {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  const [wire, { decodeReply }] = await Promise.all([
    import('@bhatti/wire/agent/exec.ts'),
    import('@bhatti/wire/schema.ts'),
  ]);
  return { wire, decodeReply };
}

async function takeOutput(
  message: Uint8Array,
  wire: { channelStdout: number; channelStderr: number },
  output: ExecOutput,
): Promise<void> {
  const bytes = message.subarray(1);
  if (message[0] === wire.channelStdout) await output.onStdout(bytes);
  else if (message[0] === wire.channelStderr) await output.onStderr(bytes);
}

async function guestError(event: Extract<ExecGuestMessage, { type: 'error' }>, sandbox: string): Promise<CodedError> {
  const { decodeError } = await import('@bhatti/wire/error.ts');
  return decodeError(event, sandbox);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // expected of a broken guest: the schema then refuses it
  }
}

/** Standard input, held back while the guest has a whole window of it unread. */
class InputWindow {
  readonly #socket: MessageSocket;
  #unacknowledged = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;
  isDetached = false;

  constructor(socket: MessageSocket) {
    this.#socket = socket;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { channelStdin, stdinWindowBytes } = await import('@bhatti/wire/agent/exec.ts');
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const chunk = bytes.subarray(at, at + chunkBytes);
      while (!this.#isClosed && this.#unacknowledged + chunk.length > stdinWindowBytes)
        await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#isClosed) return;
      this.#unacknowledged += chunk.length;
      const message = new Uint8Array(1 + chunk.length);
      message[0] = channelStdin;
      message.set(chunk, 1);
      this.#socket.send(message);
    }
  }

  acknowledge(bytes: number): void {
    this.#unacknowledged -= bytes;
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}

const chunkBytes = 65_536; // a quarter of the window: the next chunk is on its way while one is read
