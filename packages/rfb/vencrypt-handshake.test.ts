import { describe, expect, test } from 'bun:test';

import { concatBytes } from '@bhatti/base/bytes.ts';
import fc from 'fast-check';

import { ByteWriter } from './byte-writer.ts';
import { encodeLatin1 } from './latin1.ts';
import {
  encodeSecurityFailure,
  readPlainLogin,
  startVeNCryptHandshake,
  stepVeNCryptHandshake,
  type VeNCryptHandshake,
} from './vencrypt-handshake.ts';

/** What the server sends to a client that says these bytes, in pieces of a size, and how many of them it took. */
function talk(said: Uint8Array, pieceBytes: number) {
  let { state, send } = startVeNCryptHandshake();
  const sent = [send];
  let taken = 0;
  for (let end = Math.min(pieceBytes, said.length); ; end = Math.min(end + pieceBytes, said.length)) {
    for (;;) {
      const step = stepVeNCryptHandshake(state, said.subarray(taken, end));
      if (step === undefined) break;
      ({ state, send } = step);
      sent.push(send);
      taken += step.length;
    }
    if (end >= said.length) return { state, sent: Array.from(concatBytes(sent)), taken };
  }
}

const hello = encodeLatin1('RFB 003.008\n');
const subType = (number: number) => new ByteWriter().u32(number).copy();
const chooses = (number: number) => concatBytes([hello, Uint8Array.of(19, 0, 2), subType(number)]);
const violation = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' });
const login = (user: string, password: string) => {
  const [name, secret] = [new TextEncoder().encode(user), new TextEncoder().encode(password)];
  return new ByteWriter().u32(name.length).u32(secret.length).bytes(name).bytes(secret).copy();
};

describe('VeNCrypt', () => {
  for (const [number, name] of [
    [259, 'TLSPlain'],
    [262, 'X509Plain'],
  ] as const) {
    for (const pieceBytes of [1, 5, 1000]) {
      test(`leads to TLS by ${name}, in pieces of ${pieceBytes} bytes, and takes nothing of it`, () => {
        const tls = Uint8Array.of(22, 3, 1);
        const { state, sent, taken } = talk(concatBytes([chooses(number), tls]), pieceBytes);
        expect(state).toEqual({ phase: 'tls', minor: 8, subType: number });
        // Version, one security type, VeNCrypt's version, "accepted" with two sub-types, "begin".
        expect(sent).toEqual([...hello, 1, 19, 0, 2, 0, 2, 0, 0, 1, 6, 0, 0, 1, 3, 1]);
        expect(taken).toBe(chooses(number).length);
      });
    }
  }

  test('is the only type: None and VncAuth are refused', () => {
    for (const type of [0, 1, 2, 5, 16, 18]) {
      expect(() => talk(concatBytes([hello, Uint8Array.of(type)]), 100)).toThrow(violation);
    }
  });

  test('has two sub-types: without a password or with a challenge there is none', () => {
    for (const number of [0, 256, 257, 258, 260, 261, 263, 264]) {
      expect(() => talk(chooses(number), 100)).toThrow(violation);
    }
  });

  test('of another version is refused', () => {
    for (const version of [Uint8Array.of(0, 1), Uint8Array.of(1, 2)]) {
      const { state, sent } = talk(concatBytes([hello, Uint8Array.of(19), version]), 100);
      expect(state.phase).toBe('refused');
      expect(sent.at(-1)).toBe(1);
    }
  });

  test('tells a client of version 3.3 what it lacks', () => {
    const { state, sent } = talk(encodeLatin1('RFB 003.003\n'), 100);
    expect(state.phase).toBe('refused');
    expect(Buffer.from(sent.slice(12, 16)).readUInt32BE()).toBe(0);
    expect(Buffer.from(sent.slice(20)).toString()).toContain('VeNCrypt');
  });

  test('ends in a state or a refusal, whatever bytes come, the same whole and byte by byte', () => {
    const prefix = fc.constantFrom(new Uint8Array(0), hello, chooses(0).subarray(0, 13), chooses(0).subarray(0, 15));
    const bytes = fc.tuple(prefix, fc.uint8Array({ maxLength: 40 })).map(concatBytes);
    fc.assert(
      fc.property(bytes, (input) => {
        const outcome = (pieceBytes: number): VeNCryptHandshake | string => {
          try {
            return talk(input, pieceBytes).state;
          } catch (error) {
            expect(['PROTOCOL_VIOLATION', 'VERSION_UNSUPPORTED']).toContain(Object(error).code);
            return String(error);
          }
        };
        expect(outcome(1)).toEqual(outcome(1000));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a login', () => {
  test('is read once it is whole', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 120 }), fc.nat(), (user, password, cut) => {
        const bytes = login(user, password);
        expect(readPlainLogin(bytes)).toEqual({ user, password });
        expect(readPlainLogin(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
      }),
    );
  });

  test('that is longer than any may be is not waited for', () => {
    for (const [user, password] of [
      [256, 0],
      [0, 513],
      [0xffff_ffff, 0xffff_ffff],
    ] as const) {
      expect(() => readPlainLogin(new ByteWriter().u32(user).u32(password).copy())).toThrow(violation);
    }
  });

  test('of whatever bytes is one, or refused, or never needs more than 775', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 775, maxLength: 800 }),
        fc.nat(600),
        fc.nat(600),
        (bytes, user, password) => {
          const view = new DataView(bytes.buffer);
          view.setUint32(0, user);
          view.setUint32(4, password);
          if (user > 255 || password > 512) expect(() => readPlainLogin(bytes)).toThrow(violation);
          else expect(readPlainLogin(bytes)).toBeDefined();
        },
      ),
    );
  });

  test('that failed has a reason in version 3.8 only', () => {
    expect(Array.from(encodeSecurityFailure(8, 'no'))).toEqual([0, 0, 0, 1, 0, 0, 0, 2, 110, 111]);
    expect(Array.from(encodeSecurityFailure(7, 'no'))).toEqual([0, 0, 0, 1]);
  });
});
