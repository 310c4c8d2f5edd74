import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';
import { Duplex } from 'node:stream';

import { MessageChannel } from './message-channel.ts';

/** The connection, with the other end in memory. */
class Wire extends Duplex {
  readonly sent: Uint8Array[] = [];
  isBroken = false;

  constructor() {
    super({ highWaterMark: 16 });
  }

  override _read(): void {}
  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.isBroken) return done(new Error('EPIPE'));
    this.sent.push(chunk);
    done();
  }

  says(...bytes: readonly number[]): void {
    this.push(Uint8Array.from(bytes));
  }
}

function open(head: readonly number[] = []) {
  const wire = new Wire();
  return { wire, channel: new MessageChannel(wire, Uint8Array.from(head), 'there') };
}

async function drain(channel: MessageChannel): Promise<{ got: unknown[]; error: unknown }> {
  const got: unknown[] = [];
  try {
    for await (const message of channel.messages) got.push(message);
    return { got, error: undefined };
  } catch (error) {
    return { got, error };
  }
}

describe('a channel of messages', () => {
  test('gives what came with the handshake, joins fragments, answers a ping, and ends in order', async () => {
    const { wire, channel } = open([0x81, 2, 104, 105]);
    wire.says(0x01, 1, 104, 0x89, 0, 0x80, 1, 105, 0x82, 1, 7, 0x88, 2, 0x03, 0xe8);
    expect(await drain(channel)).toEqual({ got: ['hi', 'hi', Uint8Array.of(7)], error: undefined });
    expect(wire.sent.map((frame) => (frame[0] ?? 0) & 0x0f)).toEqual([10, 8]);
  });

  test('says CONNECTION_LOST where the other side vanishes, after what it had said', async () => {
    const { wire, channel } = open();
    wire.says(0x81, 1, 97);
    wire.push(null);
    const { got, error } = await drain(channel);
    expect([got, hasCode(error, 'CONNECTION_LOST')]).toEqual([['a'], true]);
  });

  test('reads to the end although a write has failed', async () => {
    const { wire, channel } = open();
    wire.isBroken = true;
    channel.send('more');
    await new Promise((resolve) => setImmediate(resolve));
    wire.says(0x81, 3, 101, 110, 100, 0x88, 0);
    expect(await drain(channel)).toEqual({ got: ['end'], error: undefined });
  });

  test('refuses what no server may send', async () => {
    const broken: readonly (readonly number[])[] = [
      [0x81, 0x81, 0, 0, 0, 0, 0], // masked
      [0xc1, 0], // an extension that nobody agreed on
      [0x80, 0], // the rest of nothing
      [0x01, 0, 0x81, 0], // a message within another
      [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], // 4 GiB
    ];
    for (const bytes of broken) {
      const { wire, channel } = open();
      wire.says(...bytes);
      expect(hasCode((await drain(channel)).error, 'PROTOCOL_VIOLATION')).toBe(true);
      expect(wire.destroyed).toBe(true);
    }
  });

  test('stops reading while nobody takes the messages', async () => {
    const { wire, channel } = open();
    const message = new Uint8Array(2 + 2 + 65_535);
    message.set([0x82, 126, 0xff, 0xff]);
    for (let at = 0; at < 20; at += 1) {
      wire.push(message.subarray(0, 4 + 65_535));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(wire.isPaused()).toBe(true);
    wire.says(0x88, 0);
    expect((await drain(channel)).got.length).toBe(20);
  });
});
