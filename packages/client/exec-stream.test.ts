import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';
import { MessageQueue } from '@bhatti/base/message-queue.ts';
import { stdinWindowBytes, type ExecClientMessage } from '@bhatti/wire/agent/exec.ts';

import { Api } from './api.ts';
import { openExecStream, type ExecOutput } from './exec-stream.ts';
import type { MessageSocket } from './transport.ts';

describe('an exec stream', () => {
  test('sends the request first, gives output by channel and ends with the exit', async () => {
    const guest = new Guest();
    const got: string[] = [];
    const stream = await open(guest, {
      onStdout: async (bytes) => void got.push(`out ${text(bytes)}`),
      onStderr: async (bytes) => void got.push(`err ${text(bytes)}`),
      onStarted: ({ pid }) => void got.push(`pid ${pid}`),
    });
    expect(guest.told).toEqual([{ type: 'exec', argv: ['x'] }]);
    guest.say({ type: 'started', pid: 7 });
    guest.write(1, 'a');
    guest.write(2, 'b');
    guest.say({ type: 'exit', exitCode: 3 });
    expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 3, signal: undefined, timedOut: false });
    expect(got).toEqual(['pid 7', 'out a', 'err b']);
    expect(guest.isClosed).toBe(true);
  });

  test('takes no further output while the taker is busy', async () => {
    const guest = new Guest();
    const { promise: gate, resolve: open_ } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    let taken = 0;
    const stream = await open(guest, {
      onStdout: async () => {
        taken += 1;
        begin();
        await gate;
      },
      onStderr: async () => {},
    });
    for (let at = 0; at < 3; at += 1) guest.write(1, 'x');
    guest.say({ type: 'exit', exitCode: 0 });
    await begun;
    await turns(20);
    expect(taken).toBe(1);
    open_();
    await stream.ended;
    expect(taken).toBe(3);
  });

  test('keeps at most one window of input unacknowledged', async () => {
    const guest = new Guest();
    const stream = await open(guest);
    let isWritten = false;
    const written = stream.write(new Uint8Array(stdinWindowBytes + 100_000)).then(() => (isWritten = true));
    await turns(20);
    expect(guest.inputBytes).toBe(stdinWindowBytes);
    expect(isWritten).toBe(false);
    guest.say({ type: 'ack', bytes: 100_000 });
    await written;
    expect(guest.inputBytes).toBe(stdinWindowBytes + 100_000);
    stream.endInput();
    stream.signal('INT');
    stream.resize({ rows: 2, cols: 3 });
    expect(guest.told.slice(1)).toEqual([
      { type: 'stdin-end' },
      { type: 'signal', name: 'INT' },
      { type: 'resize', rows: 2, cols: 3 },
    ]);
    stream.close();
    await stream.ended.catch(() => {}); // WHY: how a closed one ends is another test's
  });

  test('tells an error of the guest, a lost connection, a detachment and an abort apart', async () => {
    const failing = new Guest();
    const failed = await open(failing);
    failing.say({ type: 'error', code: 'INVALID_ARGUMENT', message: 'no such user\u001b[2J' });
    const error: unknown = await failed.ended.catch((reason: unknown) => reason);
    expect(hasCode(error, 'INVALID_ARGUMENT') && error.message).toBe('no such user [2J');

    const vanishing = new Guest();
    const lost = await open(vanishing);
    vanishing.hangUp();
    expect(hasCode(await lost.ended.catch((reason: unknown) => reason), 'CONNECTION_LOST')).toBe(true);

    const kept = new Guest();
    const detached = await open(kept);
    detached.detach();
    kept.hangUp();
    expect(await detached.ended).toEqual({ kind: 'detached' });

    const controller = new AbortController();
    const running = new Guest();
    const aborted = await open(running, undefined, controller);
    controller.abort();
    expect(hasCode(await aborted.ended.catch((reason: unknown) => reason), 'ABORTED')).toBe(true);
    expect(running.isClosed).toBe(true);
  });

  test('ends with PROTOCOL_VIOLATION on a message that no guest of ours sends', async () => {
    for (const message of ['not json', '{"type":"dance"}', '{"type":"exit","exitCode":"0"}']) {
      const guest = new Guest();
      const stream = await open(guest);
      guest.inbox.put(message);
      expect(hasCode(await stream.ended.catch((reason: unknown) => reason), 'PROTOCOL_VIOLATION')).toBe(true);
    }
  });
});

function open(guest: Guest, output?: ExecOutput, controller = new AbortController()) {
  const api = new Api({
    address: 'test',
    request: () => Promise.reject(new Error('no request is made here')),
    async openSocket(_caller, _path, first) {
      if (first !== undefined) guest.send(first);
      return { kind: 'open', socket: guest };
    },
  });
  const ignored = { onStdout: async () => {}, onStderr: async () => {} };
  return openExecStream(api, controller, 'desk', { request: { argv: ['x'] } }, output ?? ignored);
}

/** The other end of the stream, in memory. */
class Guest implements MessageSocket {
  readonly inbox = new MessageQueue<string | Uint8Array>();
  readonly told: ExecClientMessage[] = [];
  inputBytes = 0;
  isClosed = false;

  get messages(): AsyncIterable<string | Uint8Array> {
    return this.inbox;
  }
  send(message: string | Uint8Array): void {
    if (typeof message === 'string') this.told.push(JSON.parse(message));
    else this.inputBytes += message.length - 1;
  }
  close(): void {
    this.isClosed = true;
    this.inbox.end();
  }
  say(message: object): void {
    this.inbox.put(JSON.stringify(message));
  }
  write(channel: number, words: string): void {
    this.inbox.put(Uint8Array.of(channel, ...new TextEncoder().encode(words)));
  }
  hangUp(): void {
    this.inbox.end();
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
}
