import { DesktopStatusSchema, DesktopWindowSchema } from '@bhatti/wire/display/control.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';
import * as v from 'valibot';

const why = whyNoDisplay('xterm', 'convert');

describe.skipIf(why !== undefined)(titled('control API', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  beforeAll(async () => {
    display = await TestDisplay.start();
    painter = await XPainter.open(display);
  });
  afterAll(async () => {
    painter?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const status = () => display.status();
  /** The pixels of a picture file, as ImageMagick decodes it. */
  const decode = async (bytes: ArrayBuffer, format: string) => {
    const child = Bun.spawn(['convert', `${format}:-`, '-depth', '8', 'rgb:-'], { stdin: new Uint8Array(bytes) });
    return new Uint8Array(await new Response(child.stdout).arrayBuffer());
  };
  const rgbOf = ({ words }: { words: Int32Array }) =>
    Uint8Array.from([...words].flatMap((w) => [(w >> 16) & 255, (w >> 8) & 255, w & 255]));
  const setProperty = (window: number, name: string, type: number, words: number[]) =>
    painter.x
      .reply<number>((done) => painter.x.client.InternAtom(false, name, done))
      .then((atom) =>
        painter.x.client.ChangeProperty(0, window, atom, type, 32, Buffer.from(Uint32Array.from(words).buffer)),
      );

  test('a screenshot is exactly the screen, with and without viewers', async () => {
    const check = async () => {
      await painter.paint({ x: 5, y: 7, width: 321, height: 123 });
      const reply = await display.control('/screenshot');
      expect(reply.headers.get('content-type')).toBe('image/png');
      expect(await decode(await reply.arrayBuffer(), 'png')).toEqual(rgbOf(await display.pixels()));
      return Number(reply.headers.get('x-frame-serial'));
    };
    const serial = await check();
    expect(await check()).toBeGreaterThan(serial);
    using viewer = await RfbViewer.open(display);
    await check();
    await untilExact(display, viewer);
    const again = await display.control('/screenshot');
    expect((await display.control('/screenshot')).headers.get('x-frame-serial')).toBe(
      again.headers.get('x-frame-serial'),
    );
  });

  test('a screenshot may be JPEG or WebP, with a quality, and with the pointer', async () => {
    const sizes: number[] = [];
    for (const query of ['format=jpeg&quality=20', 'format=jpeg&quality=95', 'format=webp&quality=50', 'format=jpg']) {
      const reply = await display.control(`/screenshot?${query}`);
      const format = reply.headers.get('content-type')?.slice(6) ?? '';
      const bytes = await reply.arrayBuffer();
      sizes.push(bytes.byteLength);
      expect((await decode(bytes, format)).length).toBe(640 * 400 * 3);
    }
    expect(sizes[0]).toBeLessThan(sizes[1] ?? 0);
    const [plain, withPointer] = await Promise.all(
      ['0', '1'].map(async (cursor) =>
        decode(await (await display.control(`/screenshot?cursor=${cursor}`)).arrayBuffer(), 'png'),
      ),
    );
    expect(withPointer).not.toEqual(plain);
  });

  test('status, screen and windows say what there is', async () => {
    expect(await status()).toMatchObject({
      ready: true,
      drawn: false,
      viewers: 0,
      screen: { width: 640, height: 400, depth: 24 },
    });
    expect(await (await display.control('/screen')).json()).toEqual({ width: 640, height: 400, depth: 24 });
    expect(await (await display.control('/windows')).json()).toEqual([]);
    expect((await display.control('/windows/active')).status).toBe(404);
  });

  test('windows are listed front to back with their titles, as the window manager has them', async () => {
    const made = [1, 2].map((n) => {
      const { client, screen } = painter.x;
      const window = client.AllocID();
      client.CreateWindow(window, screen.root, n * 30, n * 20, 100, 50, 0, 0, 0, 0, { backgroundPixel: 0x334455 });
      client.ChangeProperty(0, window, 39, 31, 8, Buffer.from(`window ${n}`));
      client.MapWindow(window);
      return window;
    });
    const { root } = painter.x.screen;
    await setProperty(root, '_NET_CLIENT_LIST_STACKING', 33, made);
    await setProperty(root, '_NET_ACTIVE_WINDOW', 33, [made[1] ?? 0]);
    const windows = await until(async () => {
      const list = v.parse(v.array(DesktopWindowSchema), await (await display.control('/windows')).json());
      return list.length === 2 && list;
    });
    expect(windows).toEqual([
      { id: made[1] ?? 0, title: 'window 2', x: 60, y: 40, width: 100, height: 50, active: true },
      { id: made[0] ?? 0, title: 'window 1', x: 30, y: 20, width: 100, height: 50, active: false },
    ]);
    expect(await (await display.control('/windows/active')).json()).toMatchObject({ title: 'window 2' });
    await setProperty(root, '_NET_CLIENT_LIST_STACKING', 33, [0x7fff_fff0]);
    expect(await (await display.control('/windows')).json()).toEqual([]);
  });

  test('the desktop is drawn when a panel is shown and painted, and who waits is told', async () => {
    const waiting = display.status('?wait=drawn&timeoutMs=20000');
    const { client, screen } = painter.x;
    const panel = client.AllocID();
    client.CreateWindow(panel, screen.root, 0, 370, 640, 30, 0, 0, 0, 0, { backgroundPixel: 0x222222 });
    const dock = await painter.x.reply<number>((done) => client.InternAtom(false, '_NET_WM_WINDOW_TYPE_DOCK', done));
    await setProperty(panel, '_NET_WM_WINDOW_TYPE', 4, [dock]);
    client.MapWindow(panel);
    await setProperty(screen.root, '_NET_CLIENT_LIST', 33, [panel]);
    // A panel of one colour is a panel that has not painted itself.
    expect((await display.status('?wait=drawn&timeoutMs=50')).drawn).toBe(false);
    const label = client.AllocID();
    client.CreateWindow(label, panel, 10, 5, 60, 20, 0, 0, 0, 0, { backgroundPixel: 0xffffff });
    client.MapWindow(label);
    expect((await waiting).drawn).toBe(true);
    expect((await status()).drawn).toBe(true);
    await setProperty(screen.root, '_NET_CLIENT_LIST', 33, []);
    await until(async () => !(await status()).drawn);
  });

  test('wrong requests are told what is wrong', async () => {
    for (const path of [
      '/screenshot?format=bmp',
      '/screenshot?quality=0',
      '/screenshot?quality=x',
      '/status?wait=long',
      '/screenshot?cursor=yes',
    ]) {
      const reply = await display.control(path);
      expect(reply.status).toBe(400);
      expect(await reply.json()).toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect((await display.control('/nothing')).status).toBe(404);
  });

  test('the same API is under /api/ with the password, beside what KasmVNC’s clients ask for', async () => {
    expect(v.is(DesktopStatusSchema, await (await display.request('/api/status')).json())).toBe(true);
    using viewer = await RfbViewer.open(display);
    const shot = await display.request('/api/get_screenshot?width=320&height=320&quality=5&deduplicate=true');
    expect(shot.headers.get('content-type')).toBe('image/jpeg');
    expect((await decode(await shot.arrayBuffer(), 'jpeg')).length).toBe(320 * 200 * 3);
    const same = await display.request('/api/get_screenshot?width=320&height=320&quality=5&deduplicate=true');
    expect(await same.text()).toMatch(/^[0-9a-f]{16}$/);
    expect(await (await display.request('/api/get_users')).json()).toEqual([
      { user: 'kasm_user', read: true, write: true, owner: true },
    ]);
    const sessions = await (await display.request('/api/get_sessions')).json();
    expect(sessions).toMatchObject({ users: [{ username: 'kasm_user' }] });
    await untilExact(display, viewer);
    const { receivedBytes } = viewer;
    expect(await (await display.request('/api/send_full_frame')).text()).toBe('200 OK');
    await until(() => viewer.receivedBytes > receivedBytes + 1000);
    await untilExact(display, viewer);
  });
});
