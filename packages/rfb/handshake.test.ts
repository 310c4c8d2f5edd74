import { describe, expect, test } from 'bun:test';

import { concatBytes } from '@bhatti/base/bytes.ts';

import { type ClientHandshake, startClientHandshake, stepClientHandshake } from './client-handshake.ts';
import { encodeLatin1 } from './latin1.ts';
import { bgrx8888 } from './pixel-format.ts';
import { type ServerHandshake, startServerHandshake, stepServerHandshake } from './server-handshake.ts';
import { encodeServerInit, type ServerInit } from './server-init.ts';

const init: ServerInit = { width: 1280, height: 720, format: bgrx8888, name: 'desk – ünï' };

/** Runs both sides against each other, their bytes in pieces of the given size. */
function shakeHands(pieceBytes: number): { client: ClientHandshake; server: ServerHandshake } {
  const started = startServerHandshake();
  let server = started.state;
  let client = startClientHandshake();
  let toClient = started.send;
  let toServer: Uint8Array = new Uint8Array(0);
  let seenByClient: Uint8Array = new Uint8Array(0);
  let seenByServer: Uint8Array = new Uint8Array(0);
  while (toClient.length > 0 || toServer.length > 0) {
    seenByClient = concatBytes([seenByClient, toClient.subarray(0, pieceBytes)]);
    toClient = toClient.subarray(pieceBytes);
    const clientStep = stepClientHandshake(client, seenByClient);
    if (clientStep !== undefined) {
      client = clientStep.state;
      seenByClient = seenByClient.subarray(clientStep.length);
      toServer = concatBytes([toServer, clientStep.send]);
    }
    seenByServer = concatBytes([seenByServer, toServer.subarray(0, pieceBytes)]);
    toServer = toServer.subarray(pieceBytes);
    const serverStep = stepServerHandshake(server, seenByServer, init);
    if (serverStep !== undefined) {
      server = serverStep.state;
      seenByServer = seenByServer.subarray(serverStep.length);
      toClient = concatBytes([toClient, serverStep.send]);
    }
  }
  return { client, server };
}

/** What a server of ours sends to a client that says these things, each after the server's answer to the one before. */
function serverTalk(...said: readonly Uint8Array[]): { state: ServerHandshake; sent: number[][] } {
  let { state, send } = startServerHandshake();
  const sent = [Array.from(send)];
  for (const bytes of said) {
    const step = stepServerHandshake(state, bytes, init);
    if (step === undefined) throw new Error(`the server needs more than ${bytes.length} bytes in phase ${state.phase}`);
    ({ state, send } = step);
    sent.push(Array.from(send));
  }
  return { state, sent };
}

/** What a client of ours makes of these server messages. */
function clientTalk(...said: readonly Uint8Array[]): { state: ClientHandshake; sent: number[][] } {
  let state = startClientHandshake();
  const sent: number[][] = [];
  for (const bytes of said) {
    const step = stepClientHandshake(state, bytes);
    if (step === undefined) throw new Error(`the client needs more than ${bytes.length} bytes in phase ${state.phase}`);
    state = step.state;
    sent.push(Array.from(step.send));
  }
  return { state, sent };
}

const text = (line: string) => encodeLatin1(line);
const violation = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' });

describe('the handshake', () => {
  for (const pieceBytes of [1, 3, 1000]) {
    test(`ends with both sides agreed, in pieces of ${pieceBytes} bytes`, () => {
      const { client, server } = shakeHands(pieceBytes);
      expect(client).toEqual({ phase: 'done', init });
      expect(server).toEqual({ phase: 'done', minor: 8, shared: true });
    });
  }
});

describe('a server', () => {
  test('tells a client of version 3.3 the security type without asking', () => {
    const { state, sent } = serverTalk(text('RFB 003.003\n'), Uint8Array.of(0));
    expect(sent[1]).toEqual([0, 0, 0, 1]);
    expect(sent[2]).toEqual(Array.from(encodeServerInit(init)));
    expect(state).toEqual({ phase: 'done', minor: 3, shared: false });
  });

  test('sends a client of version 3.7 no result for security type None', () => {
    const { sent } = serverTalk(text('RFB 003.007\n'), Uint8Array.of(1));
    expect(sent.slice(1)).toEqual([[1, 1], []]);
  });

  test('sends a client of version 3.8 a result of OK', () => {
    const { sent } = serverTalk(text('RFB 003.008\n'), Uint8Array.of(1));
    expect(sent.slice(1)).toEqual([
      [1, 1],
      [0, 0, 0, 0],
    ]);
  });

  for (const [version, minor] of [
    ['003.889', 8],
    ['004.001', 8],
    ['003.005', 3],
  ] as const) {
    test(`takes version ${version} for 3.${minor}`, () => {
      expect(serverTalk(text(`RFB ${version}\n`)).state).toMatchObject({ minor });
    });
  }

  test('refuses a client that speaks something else', () => {
    expect(() => serverTalk(text('GET / HTTP/1'))).toThrow(expect.objectContaining({ code: 'VERSION_UNSUPPORTED' }));
  });

  test('refuses a security type that it did not offer', () => {
    expect(() => serverTalk(text('RFB 003.008\n'), Uint8Array.of(2))).toThrow(violation);
  });
});

describe('a client', () => {
  test('speaks version 3.3 where the server does', () => {
    const { state, sent } = clientTalk(text('RFB 003.003\n'), Uint8Array.of(0, 0, 0, 1), encodeServerInit(init));
    expect(sent).toEqual([Array.from(text('RFB 003.003\n')), [1], []]);
    expect(state).toEqual({ phase: 'done', init });
  });

  test('expects no security result in version 3.7', () => {
    const { state, sent } = clientTalk(text('RFB 003.007\n'), Uint8Array.of(2, 2, 1), encodeServerInit(init));
    expect(sent[1]).toEqual([1, 1]);
    expect(state.phase).toBe('done');
  });

  test('says why the server refused', () => {
    const reason = Uint8Array.of(0, 0, 0, 0, 3, 110, 111, 33);
    expect(() => clientTalk(text('RFB 003.008\n'), reason)).toThrow('the server says "no!"');
  });

  test('does not open a connection that wants a password', () => {
    expect(() => clientTalk(text('RFB 003.008\n'), Uint8Array.of(1, 2))).toThrow(violation);
  });

  test('does not wait for a reason of 4 GiB', () => {
    expect(() => clientTalk(text('RFB 003.008\n'), Uint8Array.of(0, 255, 255, 255, 255))).toThrow(violation);
  });
});
