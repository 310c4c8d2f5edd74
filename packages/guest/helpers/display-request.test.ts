import { CodedError } from '@bhatti/base/errors.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWindows } from './desktop-window.ts';
import { requestDisplay, requestDisplayJson } from './display-request.ts';

const empty: RequestListener = (_request, response) => response.end();
const window = { id: 41943043, title: 'Terminal', x: 1, y: 2, width: 3, height: 4, active: true };

/** What a promise rejects with; undefined when it does not. */
function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('asking the display server', () => {
  let directory = '';
  let socket = '';
  let answer = empty;
  const server = createServer((request, response) => answer(request, response));

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'display-request-'));
    socket = join(directory, 'control.sock');
    server.listen(socket);
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    rmSync(directory, { recursive: true });
  });

  test('brings a picture back byte for byte', async () => {
    const picture = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    answer = (_request, response) => response.end(picture);
    expect((await requestDisplay('/screenshot', { socket })).body.equals(picture)).toBe(true);
  });

  test('throws what the server said', async () => {
    const refused = new CodedError('INVALID_ARGUMENT', 'invalid quality "0"', { argument: 'quality' });
    answer = (_request, response) => response.writeHead(400).end(JSON.stringify(encodeError(refused)));
    expect(await failure(requestDisplay('/screenshot?quality=0', { socket }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'invalid quality "0"',
    });
  });

  test('a picture that is cut off is an error, never a shorter picture', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    };
    expect(await failure(requestDisplay('/screenshot', { socket }))).toMatchObject({ code: 'DISPLAY_UNAVAILABLE' });
  });

  test('a server that is not there makes the desktop unavailable', async () => {
    const missing = requestDisplay('/screen', { socket: join(directory, 'nothing.sock') });
    expect(await failure(missing)).toMatchObject({ code: 'DISPLAY_UNAVAILABLE' });
  });

  test('a server that does not answer is given up', async () => {
    answer = () => {};
    expect(await failure(requestDisplay('/screen', { socket, timeoutMs: 50 }))).toMatchObject({
      code: 'DISPLAY_UNAVAILABLE',
      message: expect.stringContaining('does not answer'),
    });
  });

  test('reads windows, and refuses what is none', async () => {
    answer = (_request, response) => response.end(JSON.stringify([window]));
    expect(await requestDisplayJson('/windows', readWindows, { socket })).toEqual([window]);
    answer = (_request, response) => response.end(JSON.stringify([{ ...window, id: 'x' }]));
    expect(await failure(requestDisplayJson('/windows', readWindows, { socket }))).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
    });
    answer = (_request, response) => response.end('<html>');
    expect(await failure(requestDisplayJson('/windows', readWindows, { socket }))).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
    });
  });
});
