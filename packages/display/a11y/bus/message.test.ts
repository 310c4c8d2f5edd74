import { CodedError } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { BodyWriter } from './body-writer.ts';
import { decodeMessage, encodeMessage, messageLength, messageTypes } from './message.ts';
import { MessageStream } from './message-stream.ts';

const call = encodeMessage({
  type: messageTypes.call,
  serial: 7,
  destination: ':1.42',
  path: '/org/a11y/atspi/accessible/3',
  interface: 'org.a11y.atspi.Accessible',
  member: 'GetRole',
  signature: 'su(ib)av',
  body: new BodyWriter()
    .string('ä')
    .u32(5)
    .align(8)
    .i32(-1)
    .u32(1)
    .array(1, () => {})
    .bytes(),
});

describe('messages of the bus', () => {
  test('are what they were when they come out', () => {
    const { body, ...head } = decodeMessage(call);
    expect(head).toMatchObject({ type: 1, serial: 7, wantsReply: true, sender: '', signature: 'su(ib)av' });
    expect(head).toMatchObject({ path: '/org/a11y/atspi/accessible/3', member: 'GetRole' });
    const values = body();
    expect([values.string(), values.u32()]).toEqual(['ä', 5]);
    values.struct();
    expect([values.i32(), values.u32()]).toEqual([-1, 1]);
  });

  test('variants hold values of every type', () => {
    const body = new BodyWriter().signature('(sa{sv}ad)').align(8).string('x');
    body.array(8, () => body.align(8).string('key').signature('i').i32(-3));
    body.array(8, () => body.double(1.5).double(-2));
    const bytes = encodeMessage({ type: messageTypes.signal, serial: 1, signature: 'v', body: body.bytes() });
    expect(decodeMessage(bytes).body().variant()).toEqual(['x', [['key', -3]], [1.5, -2]]);
  });

  test('come out whole however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 })), (cuts) => {
        const bytes = Buffer.concat([call, call, call]);
        const stream = new MessageStream();
        let count = 0;
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          stream.push(bytes.subarray(at, at + cut));
          at += cut;
          while (stream.take(messageLength) !== undefined) count++;
        }
        expect(count).toBe(3);
      }),
    );
  });

  test('that are none are refused, and never read beyond their end', () => {
    const read = (bytes: Uint8Array) => {
      const length = messageLength(bytes);
      if (length === undefined || length > bytes.length) return;
      const { signature, body } = decodeMessage(bytes.slice(0, length));
      const reader = body();
      if (signature === 'v') reader.variant();
      else reader.array(8, () => reader.string());
    };
    const damaged = fc
      .tuple(fc.nat(call.length - 1), fc.nat(255))
      .map(([at, value]) => Uint8Array.from(call, (byte, i) => (i === at ? value : byte)));
    const variant = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
      const body = Uint8Array.from([bytes.length % 40, ...bytes]);
      return encodeMessage({ type: messageTypes.reply, serial: 1, signature: 'v', body });
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged, variant), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          expect(error).toHaveProperty('code', 'PROTOCOL_VIOLATION');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('with types deep within each other are refused', () => {
    for (const signature of ['a'.repeat(200), '('.repeat(200), `${'a('.repeat(60)}s${')'.repeat(60)}`]) {
      const body = new BodyWriter().signature(signature).raw(new Uint8Array(4_000)).bytes();
      const bytes = encodeMessage({ type: messageTypes.reply, serial: 1, signature: 'v', body });
      expect(() => decodeMessage(bytes).body().variant()).toThrow(CodedError);
    }
  });
});
