import { randomHex } from '@bhatti/base/ids.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { basic, TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { LeasePerson, leaseOf, openLeaseSocket, postLease } from '../../support/lease-person.ts';
import { RfbViewer } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay();

describe.skipIf(why !== undefined)(titled('the lease refuses', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  let ann: LeasePerson;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 640, height: 400 });
    painter = await XPainter.open(display);
    ann = await LeasePerson.open(display);
  });
  afterAll(async () => {
    for (const each of [ann, painter]) each?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const isAt = async (x: number, y: number) => {
    const { client, screen } = painter.x;
    const { rootX, rootY } = await painter.x.reply<{ rootX: number; rootY: number }>((done) =>
      client.QueryPointer(screen.root, done),
    );
    return rootX === x && rootY === y;
  };
  const code = async (response: Response | Promise<Response>) => {
    const answer = await response;
    // SAFETY: what is asserted is looked at by the assertion.
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['an unknown word', { op: 'take' }],
    ['a message that is too long', { op: 'help', message: 'x'.repeat(1001) }],
    ['a negative time', { op: 'hold', ms: -1 }],
  ])('%s, by POST', async (_, body) => {
    expect(await code(postLease(display, body))).toEqual([400, 'INVALID_ARGUMENT']);
  });

  test('more than can be read, another method, and another thing to wait for', async () => {
    expect(await code(postLease(display, 'x'.repeat(100_000)))).toEqual([413, 'MESSAGE_TOO_LARGE']);
    expect((await fetch('http://display/lease', { unix: display.controlSocket, method: 'PUT' })).status).toBe(405);
    expect(await code(display.control('/lease?wait=long'))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(await code(display.control('/lease?wait=free&timeoutMs=soon'))).toEqual([400, 'INVALID_ARGUMENT']);
  });

  test('the API without the right of an owner, or the WebSocket without password, token or the right origin', async () => {
    const passwordless = await fetch(`http://127.0.0.1:${display.port}/api/lease`);
    expect(passwordless.status).toBe(401);
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const session = randomHex(16);
    const asked = (query: string, headers: Record<string, string>) =>
      display.request(`/lease${query}`, { headers: { ...upgrade, ...headers } }).then(({ status }) => status);
    const { authorization: Authorization } = display;
    expect(await asked(`?session=${session}`, {})).toBe(401);
    expect(await asked('', { Authorization })).toBe(400);
    expect(await asked('?session=guess', { Authorization })).toBe(400);
    expect(await asked(`?session=${session}`, { Authorization, Origin: 'https://elsewhere.example' })).toBe(403);
  });

  test.each([
    ['no JSON', '{', 4400],
    ['what only an agent asks', '{"op":"hold","ms":5}', 4400],
    ['a megabyte', 'x'.repeat(1_000_000), 4429],
  ])('%s on the WebSocket closes it, and nothing else', async (_, text, closes) => {
    const person = await LeasePerson.open(display);
    using _person = person;
    person.send(text);
    expect(await person.closed).toBe(closes);
    person.viewer.pointer(5, 5);
    await until(() => isAt(5, 5));
  });

  test('a page that shows no desktop, and what only the holder may', async () => {
    const socket = openLeaseSocket(display, randomHex(16));
    const heard: string[] = [];
    socket.addEventListener('message', ({ data }) => heard.push(new TextDecoder().decode(data)));
    await until(() => heard.length === 1);
    socket.send('{"op":"take"}');
    await until(() => heard.length === 2);
    expect(heard[1]).toContain('this page does not show the desktop');
    socket.close();
    ann.send('{"op":"private","on":true}');
    await until(() => ann.errors.length === 1);
    expect(ann.errors).toEqual(['INVALID_ARGUMENT']);
    expect((await leaseOf(display)).holder).toEqual({ kind: 'nobody' });
  });

  describe('users', () => {
    const passwd = (input: string, ...args: string[]) => {
      const link = join(display.dir, 'kasmvncpasswd');
      if (!existsSync(link)) Bun.spawnSync(['ln', '-s', display.executable, link]);
      const { exitCode } = Bun.spawnSync([link, ...args, display.passwordFile], {
        stdin: Buffer.from(input),
        env: display.env,
      });
      expect(exitCode).toBe(0);
    };
    const known = (authorization: string) =>
      until(async () => (await display.request('/', { headers: { Authorization: authorization } })).status === 200);

    test('who may only look is told so, and cannot take over', async () => {
      passwd('looking-on\nlooking-on\n', '-u', 'looker', '-r');
      const authorization = basic('looker', 'looking-on');
      await known(authorization);
      const pageToken = randomHex(16);
      using viewer = await RfbViewer.open(display, { authorization, pageToken, isWatching: false });
      const socket = openLeaseSocket(display, pageToken, authorization);
      const closed = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
      expect(await closed).toBe(4403);
      expect(viewer.isIn).toBe(true);
    });

    test('nobody speaks for the viewer of another user, and who loses the right to act loses the input', async () => {
      passwd('do-and-act\ndo-and-act\n', '-u', 'doer', '-w');
      const authorization = basic('doer', 'do-and-act');
      await known(authorization);
      const pageToken = randomHex(16);
      using viewer = await RfbViewer.open(display, { authorization, pageToken, isWatching: false });
      const stranger = openLeaseSocket(display, pageToken);
      await until(() => stranger.readyState === WebSocket.OPEN);
      stranger.send('{"op":"take"}');
      const own = openLeaseSocket(display, pageToken, authorization);
      await until(() => own.readyState === WebSocket.OPEN);
      expect((await leaseOf(display)).holder.kind).toBe('nobody');
      own.send('{"op":"take"}');
      await until(async () => (await leaseOf(display)).holder.kind === 'person');
      const closed = new Promise<number>((resolve) => own.addEventListener('close', (event) => resolve(event.code)));
      passwd('', '-n', '-u', 'doer', '-r');
      expect(await closed).toBe(4403);
      await ann.sees('nobody');
      expect((await leaseOf(display)).events.at(-1)).toMatchObject({
        event: 'returned',
        user: 'doer',
        why: 'viewOnly',
      });
      expect(viewer.isIn).toBe(true);
      stranger.close();
    });
  });
});
