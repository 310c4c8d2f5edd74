import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { titled } from '../../support/capability.ts';
import { commandOf, TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { segmentsOf } from '../../support/process-usage.ts';
import { RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay('xterm', 'xdpyinfo');

describe.skipIf(why !== undefined)(titled('when things go wrong', why), () => {
  let display: TestDisplay;
  beforeEach(async () => {
    display = await TestDisplay.start();
  });
  afterEach(async () => {
    await display?.[Symbol.asyncDispose]();
  });

  test('garbage closes the viewer that sent it, with a reason, and no other', async () => {
    using good = await RfbViewer.open(display);
    for (const garbage of [
      Uint8Array.of(77, 1, 2, 3),
      Uint8Array.of(0, 0, 0, 0, 99, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0),
      Uint8Array.of(255, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      crypto.getRandomValues(new Uint8Array(5000)).map((byte, i) => (i === 0 ? 99 : byte)),
    ]) {
      using bad = await RfbViewer.open(display);
      bad.sendBytes(garbage);
      const { code, reason } = await bad.closed;
      expect(code).toBe(1002);
      expect(reason).toContain('cannot read RFB');
    }
    using painter = await XPainter.open(display);
    await painter.paint({ x: 0, y: 0, width: 100, height: 100 });
    await untilExact(display, good);
  });

  test('a handshake that is none is closed, and a message above the limit too', async () => {
    const headers = { Authorization: display.authorization };
    for (const bytes of [new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), new Uint8Array(9 * 1024 * 1024)]) {
      const socket = new WebSocket(`ws://127.0.0.1:${display.port}/`, { headers });
      socket.addEventListener('open', () => socket.send(bytes));
      const code = await new Promise<number>((resolve) => {
        socket.addEventListener('close', (event) => resolve(event.code));
      });
      expect(code).not.toBe(1000);
    }
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
  });

  test('a viewer that stops reading costs the others nothing, and the server no memory', async () => {
    using painter = await XPainter.open(display);
    const stalled = await openStalledViewer(display);
    using viewer = await RfbViewer.open(display);
    const before = residentKb(display.streamingPid());
    for (let i = 0; i < 60; i++) {
      await painter.paint({ x: 0, y: 0, width: 640, height: 400 });
      const { updates } = viewer;
      await until(() => viewer.updates > updates);
    }
    await untilExact(display, viewer);
    // 60 frames of raw pixels would be 60 MB.
    expect(residentKb(display.streamingPid()) - before).toBeLessThan(40_000);
    stalled.destroy();
    await until(async () => (await display.status()).viewers === 1);
  });

  test('the streaming process may die: X and its programs go on, and viewers come back', async () => {
    const xterm = display.spawn(['xterm', '-geometry', '40x10+10+10', '-e', 'sleep 600']);
    using before = await RfbViewer.open(display);
    await untilExact(display, before);
    const [streaming, x] = [display.streamingPid(), display.xServerPid()];
    process.kill(streaming ?? 0, 'SIGKILL');
    await before.closed;
    await until(() => {
      const pid = display.streamingPid();
      return pid !== undefined && pid !== streaming;
    });
    await until(async () => (await display.request('/').catch(() => undefined))?.status === 200);
    using after = await RfbViewer.open(display);
    await untilExact(display, after);
    expect(display.xServerPid()).toBe(x);
    expect(xterm.exitCode).toBeNull();
    expect(display.log).toContain('the streaming process ended (SIGKILL)');
  });

  test('sizes come and go, and no shared memory stays', async () => {
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    const { screens } = await until(() => viewer.heard('extendedDesktopSize').at(-1));
    for (let i = 0; i < 20; i++) {
      const [width, height] = [300 + i * 16, 500 - i * 10];
      viewer.send({
        type: 'setDesktopSize',
        width,
        height,
        screens: screens.map((each) => ({ ...each, width, height })),
      });
      // Every third time the next size comes before the first is there.
      if (i % 3 !== 0) await until(() => viewer.framebuffer.width === width);
    }
    await untilExact(display, viewer);
    const pid = display.streamingPid();
    await until(
      () => segmentsOf([pid ?? 0]).length === 3,
      () => segmentsOf([pid ?? 0]).join('\n'),
    );
    expect(display.streamingPid()).toBe(pid);
  });

  test('pictures can be taken while the screen changes its size', async () => {
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    const pictures: Promise<Response>[] = [];
    for (let i = 0; i < 60; i++) {
      const size = { width: 600 + i, height: 400 };
      viewer.send({ type: 'setDesktopSize', ...size, screens: [{ id: 0, x: 0, y: 0, ...size, flags: 0 }] });
      await until(() => {
        pictures.push(display.control('/screenshot?format=jpeg&cursor=1'));
        return viewer.framebuffer.width === size.width;
      });
    }
    const statuses = (await Promise.all(pictures)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await untilExact(display, viewer);
  });

  test('when X dies the server ends with a failure, so that its unit starts it again', async () => {
    process.kill(display.xServerPid() ?? 0, 'SIGKILL');
    expect(await display.exited).toBe(1);
    expect(display.log).toContain('error: the X server ended (SIGKILL)');
    await display.startServer();
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
  });

  test('when the supervisor is killed, nothing of it goes on, and another one can start', async () => {
    const pids = [display.streamingPid() ?? 0, display.xServerPid() ?? 0];
    expect(await display.stopServer('SIGKILL')).not.toBe(0);
    await until(
      () => pids.every((pid) => commandOf(pid) === ''),
      () => pids.map(commandOf).join('\n'),
    );
    await display.startServer();
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
  });

  test('a stop is orderly and leaves nothing behind', async () => {
    using viewer = await RfbViewer.open(display);
    const pids = [display.streamingPid() ?? 0, display.xServerPid() ?? 0];
    expect(await display.stopServer()).toBe(0);
    await viewer.closed;
    expect(pids.map(commandOf)).toEqual(['', '']);
    expect(existsSync(`/tmp/.X${display.display}-lock`)).toBe(false);
    expect(existsSync(`/tmp/.X11-unix/X${display.display}`)).toBe(false);
    expect(readdirSync(`${display.dir}/run`)).toEqual([]);
    expect(segmentsOf(pids)).toEqual([]);
  });

  test('a second server on the same display is refused', async () => {
    const { exitCode, stderr } = Bun.spawnSync(
      [display.executable, `:${display.display}`, '-websocketPort', String(display.port + 1)],
      {
        env: { ...display.serverEnv, BHATTI_DISPLAY_RUN_DIR: `${display.dir}/run2` },
      },
    );
    expect(exitCode).toBe(7);
    expect(stderr.toString()).toContain('another X server has it');
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
  });
});

/** A viewer that asks for everything, all the time, as raw pixels, and reads nothing. */
async function openStalledViewer(display: TestDisplay) {
  const socket = connect(display.port, '127.0.0.1');
  const head = [
    'GET /websockify HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: ${display.authorization}`,
  ];
  const frame = (...bytes: number[]) => Buffer.from([0x82, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]);
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write(frame(...Buffer.from('RFB 003.008\n')));
  socket.write(frame(1));
  socket.write(frame(1));
  const rect = [0, 0, 0, 0, 640 >> 8, 640 & 255, 400 >> 8, 400 & 255];
  // Continuous updates of the whole screen, and the first whole screen at once.
  socket.write(frame(150, 1, ...rect));
  socket.write(frame(3, 0, ...rect));
  await until(async () => (await display.status()).viewers === 1);
  socket.pause();
  return socket;
}

function residentKb(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
