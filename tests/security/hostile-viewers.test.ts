import { provideText } from '@bhatti/rfb/clipboard.ts';
import { deflateClipboard } from '@bhatti/display/clipboard/zlib-stream.ts';
import { encodeClientMessage } from '@bhatti/rfb/client-writer.ts';
import { DesktopSizeReason, Encoding, FenceFlag, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { titled } from '../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../support/display-server.ts';
import { PausableRelay } from '../support/pausable-relay.ts';
import { descriptorCount, memoryKib } from '../support/process-usage.ts';
import { RfbViewer, type RfbViewerOptions, untilExact, usualEncodings } from '../support/rfb-viewer.ts';
import { until } from '../support/until.ts';
import { XPainter } from '../support/x-painter.ts';

const why = whyNoDisplay('xrandr');

describe.skipIf(why !== undefined)(titled('a hostile viewer', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  let streaming: number;
  beforeAll(async () => {
    display = await TestDisplay.start();
    painter = await XPainter.open(display);
    streaming = display.streamingPid() ?? 0;
  });
  afterAll(async () => {
    painter?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  /** The desktop goes on for everybody else: what is drawn now is seen, in the process that was there all the time. */
  const goesOn = async () => {
    using viewer = await RfbViewer.open(display);
    await painter.paint({ x: 0, y: 0, width: 200, height: 100 });
    await untilExact(display, viewer);
    expect(display.streamingPid()).toBe(streaming);
    expect(display.log).not.toMatch(/internal error|viewer session failed/);
  };
  const viewersAre = (count: number) =>
    until(
      async () => (await display.status()).viewers === count,
      () => display.log,
    );
  /** What came in is garbage by now, and is collected when the runtime thinks so; what is held stays. */
  const memorySettles = (before: number) =>
    until(
      async () => {
        await (await display.control('/screenshot')).arrayBuffer();
        return memoryKib(streaming) - before < 32 * 1024;
      },
      () => `${before} KiB became ${memoryKib(streaming)}`,
    );
  /** A viewer that is in, and then reads nothing any more. */
  const openDeaf = async (options: RfbViewerOptions) => {
    const relay = await PausableRelay.open(display.port);
    const viewer = await RfbViewer.open({ port: relay.port, authorization: display.authorization }, options);
    await viewersAre(1);
    relay.pause();
    return {
      viewer,
      [Symbol.dispose]() {
        viewer[Symbol.dispose]();
        relay[Symbol.dispose]();
      },
    };
  };

  test('that asks for nothing useful gets nothing, and may stay', async () => {
    using viewer = await RfbViewer.open(display, { encodings: [], isWatching: false });
    const rects = [
      { x: 0, y: 0, width: 0, height: 0 },
      { x: 65_535, y: 65_535, width: 65_535, height: 65_535 },
      { x: 10, y: 10, width: 0, height: 5 },
    ];
    for (const encodings of [
      [],
      [5, 6, -1, 0x7fff_ffff, -0x8000_0000],
      Array.from({ length: 65_535 }, (_, i) => i + 1000),
    ]) {
      viewer.send({ type: 'setEncodings', encodings });
      for (const rect of rects) {
        for (const incremental of [true, false]) viewer.send({ type: 'framebufferUpdateRequest', incremental, rect });
        viewer.send({ type: 'enableContinuousUpdates', enable: true, rect });
      }
    }
    await goesOn();
    expect(viewer.framebuffer.words.some((word) => word !== 0)).toBe(false);
    // Unknown encodings are as good as none, and raw pixels are always allowed.
    viewer.requestAll(false);
    await until(() => viewer.updates > 0);
    await untilExact(display, viewer);
  });

  test('with a pixel format that is none is closed', async () => {
    const nonsense = [
      { ...bgrx8888, bitsPerPixel: 24 },
      { ...bgrx8888, bitsPerPixel: 0 },
      { ...bgrx8888, redShift: 255 },
      { ...bgrx8888, redMax: 0 },
      { ...bgrx8888, redMax: 254 },
      { ...bgrx8888, greenShift: 16 },
      { ...bgrx8888, bitsPerPixel: 8 },
      { ...bgrx8888, depth: 200 },
    ].map((format) =>
      // SAFETY: formats that the type rules out are what this is about.
      encodeClientMessage({ type: 'setPixelFormat', format: format as PixelFormat }),
    );
    const withoutTrueColour = encodeClientMessage({ type: 'setPixelFormat', format: bgrx8888 });
    withoutTrueColour[7] = 0;
    for (const bytes of [...nonsense, withoutTrueColour]) {
      using viewer = await RfbViewer.open(display);
      viewer.sendBytes(bytes);
      expect([bytes, (await viewer.closed).code]).toEqual([bytes, 1002]);
    }
    await goesOn();
  });

  test('that wants a size beyond all limits is refused, and any size within them is one', async () => {
    using viewer = await RfbViewer.open(display);
    const answers = () =>
      viewer.heard('extendedDesktopSize').filter(({ reason }) => reason === DesktopSizeReason.client);
    const ask = async (width: number, height: number) => {
      const before = answers().length;
      viewer.send({ type: 'setDesktopSize', width, height, screens: [{ id: 0, x: 0, y: 0, width, height, flags: 0 }] });
      await until(() => answers().length > before);
      return answers().at(-1)?.status;
    };
    for (const [width, height] of [
      [0, 0],
      [0, 480],
      [1, 1],
      [16_384, 1],
      [65_535, 65_535],
      [16_385, 16],
      [8193, 8192],
    ] as const) {
      expect(await ask(width, height)).toBeGreaterThan(0);
    }
    expect([viewer.framebuffer.width, viewer.framebuffer.height]).toEqual([640, 400]);
    for (const [width, height] of [
      [32, 32],
      [15_000, 64],
      [99, 9001],
      [640, 400],
    ] as const) {
      expect(await ask(width, height)).toBe(0);
      await until(() => viewer.framebuffer.width === width && viewer.framebuffer.height === height);
      await painter.paint({ x: 0, y: 0, width: 64, height: 64 });
      await untilExact(display, viewer);
    }
    await goesOn();
  });

  test('in the desktop may make the screen larger than can be shown: it gets its old size back, and viewers keep what they had', async () => {
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    await display.run('xrandr', '--fb', '16384x16384');
    await until(() => display.log.includes('the screen of 16384 × 16384 pixels is too large to be shown'));
    const { screen } = await display.status();
    expect(screen.width * screen.height).toBeLessThanOrEqual(1 << 26);
    await until(async () => (await display.run('xrandr')).includes('current 640 x 400,'));
    expect(viewer.framebuffer.width).toBe(640);
    await goesOn();
    await untilExact(display, viewer);
  });

  test('that asks for a thousand sizes at once gets the last one', async () => {
    using viewer = await RfbViewer.open(display);
    await until(() => viewer.heard('extendedDesktopSize').length > 0);
    using other = await RfbViewer.open(display);
    const messages = Array.from({ length: 1000 }, (_, i) => {
      const size = i === 999 ? { width: 640, height: 400 } : { width: 300 + (i % 50), height: 200 + (i % 30) };
      return encodeClientMessage({
        type: 'setDesktopSize',
        ...size,
        screens: [{ id: 0, x: 0, y: 0, ...size, flags: 0 }],
      });
    });
    viewer.sendBytes(new Uint8Array(Buffer.concat(messages)));
    await goesOn();
    await untilExact(display, other);
    expect(other.framebuffer.width).toBe(640);
  });

  test('that wants sizes and hears nothing of them is closed', async () => {
    using viewer = await RfbViewer.open(display, { isWatching: false });
    await viewersAre(1);
    for (let i = 0; i < 100; i++) viewer.send({ type: 'setDesktopSize', width: 0, height: 0, screens: [] });
    expect((await viewer.closed).code).toBe(1002);
    await goesOn();
  });

  test('that wants fences answered and reads no answer is dropped', async () => {
    using deaf = await openDeaf({ encodings: usualEncodings });
    const fence = encodeClientMessage({ type: 'clientFence', flags: FenceFlag.request, payload: new Uint8Array(64) });
    const before = memoryKib(streaming);
    const many = new Uint8Array(Buffer.concat(Array.from({ length: 20_000 }, () => fence)));
    for (let i = 0; i < 20; i++) deaf.viewer.sendBytes(many);
    await viewersAre(0);
    await memorySettles(before);
    await goesOn();
  });

  test('that reads fences gets all of them answered', async () => {
    using viewer = await RfbViewer.open(display);
    let answers = 0;
    const before = viewer.receivedBytes;
    const fence = encodeClientMessage({ type: 'clientFence', flags: FenceFlag.request, payload: new Uint8Array(8) });
    viewer.sendBytes(new Uint8Array(Buffer.concat(Array.from({ length: 5000 }, () => fence))));
    await until(() => {
      answers = viewer.receivedBytes - before;
      return answers >= 5000 * fence.length;
    });
    await goesOn();
  });

  test('that reads nothing is given no more texts than fit', async () => {
    using deaf = await openDeaf({ encodings: [Encoding.raw, PseudoEncoding.desktopSize] });
    using copier = await RfbViewer.open(display, {
      encodings: [Encoding.raw, PseudoEncoding.fence],
      isWatching: false,
    });
    await viewersAre(2);
    const before = memoryKib(streaming);
    const fence = encodeClientMessage({ type: 'clientFence', flags: FenceFlag.request, payload: new Uint8Array(8) });
    for (let i = 0; i < 40; i++) {
      const { receivedBytes } = copier;
      copier.send({ type: 'clientCutText', text: `${i}`.padEnd(1_000_000, 'x') });
      copier.sendBytes(fence);
      await until(() => copier.receivedBytes > receivedBytes);
    }
    await viewersAre(1);
    await memorySettles(before);
    copier.send({ type: 'clientCutText', text: '' });
    await goesOn();
    expect(deaf.viewer.isIn).toBe(true);
  });

  test('with a text of a gigabyte keeps its place, and nobody gets the text', async () => {
    using viewer = await RfbViewer.open(display);
    using other = await RfbViewer.open(display, { encodings: [Encoding.raw, PseudoEncoding.desktopSize] });
    await viewersAre(2);
    const before = memoryKib(streaming);
    const head = new Uint8Array(8);
    head[0] = 6;
    const textBytes = 1 << 30;
    new DataView(head.buffer).setUint32(4, textBytes);
    viewer.sendBytes(head);
    const piece = new Uint8Array(4 << 20);
    for (let sent = 0; sent < textBytes / 16; sent += piece.length) viewer.sendBytes(piece);
    await goesOn();
    await memorySettles(before);
    // A bomb: what it inflates to is above the limit too.
    using bomber = await RfbViewer.open(display);
    bomber.send({ type: 'extendedClipboard', clipboard: provideText('x'.repeat(50_000_000), deflateClipboard) });
    await goesOn();
    const texts = other.heard('serverCutText').map(({ text }) => text.length);
    expect(texts.filter((length) => length > 1_000_000)).toEqual([]);
  });

  test('that asks for pixels here and there, ever again, holds up nobody', async () => {
    using deaf = await openDeaf({ encodings: [Encoding.raw] });
    const requests = Array.from({ length: 30_000 }, (_, i) =>
      encodeClientMessage({
        type: 'framebufferUpdateRequest',
        incremental: i % 2 === 0,
        rect: { x: (i * 7919) % 640, y: (i * 104_729) % 400, width: 1, height: 1 },
      }),
    );
    deaf.viewer.sendBytes(new Uint8Array(Buffer.concat(requests)));
    await goesOn();
  });

  test('with more to say than can be heard at once takes turns with the others', async () => {
    using flooder = await RfbViewer.open(display, {
      encodings: [Encoding.raw, PseudoEncoding.fence],
      isWatching: false,
    });
    using other = await RfbViewer.open(display, { encodings: [Encoding.raw, PseudoEncoding.fence], isWatching: false });
    await goesOn();
    const [first, before] = [flooder.receivedBytes, other.receivedBytes];
    const fence = encodeClientMessage({ type: 'clientFence', flags: FenceFlag.request, payload: new Uint8Array(8) });
    const nothing = { x: 0, y: 0, width: 0, height: 0 };
    const request = encodeClientMessage({ type: 'framebufferUpdateRequest', incremental: true, rect: nothing });
    const requests = Array.from({ length: 500_000 }, () => request);
    flooder.sendBytes(new Uint8Array(Buffer.concat([fence, ...requests, fence])));
    await until(() => flooder.receivedBytes > first);
    other.sendBytes(fence);
    await until(() => other.receivedBytes === before + fence.length);
    expect(flooder.receivedBytes).toBe(first + fence.length);
    await until(() => flooder.receivedBytes === first + 2 * fence.length);
  });

  test('that says more than can be heard at all is closed', async () => {
    using viewer = await RfbViewer.open(display, { isWatching: false });
    const nothing = { x: 0, y: 0, width: 0, height: 0 };
    const request = encodeClientMessage({ type: 'framebufferUpdateRequest', incremental: true, rect: nothing });
    const requests = new Uint8Array(Buffer.concat(Array.from({ length: 400_000 }, () => request)));
    for (let i = 0; i < 12; i++) viewer.sendBytes(requests);
    expect((await viewer.closed).code).toBe(4429);
    await goesOn();
  });

  test('that presses keys and moves the pointer without end holds up nobody', async () => {
    using viewer = await RfbViewer.open(display);
    const inputs = Array.from({ length: 30_000 }, (_, i) => [
      encodeClientMessage({ type: 'keyEvent', down: i % 2 === 0, keysym: i % 3 === 0 ? i * 65_521 : 0x61 + (i % 26) }),
      encodeClientMessage({ type: 'pointerEvent', x: i % 65_536, y: (i * 7) % 65_536, buttonMask: i % 8 }),
    ]).flat();
    viewer.sendBytes(new Uint8Array(Buffer.concat(inputs)));
    await goesOn();
  });

  test('that comes and goes leaves nothing behind, two hundred times', async () => {
    const visit = async (i: number) => {
      const viewer = await RfbViewer.open(display, { encodings: i % 2 === 0 ? usualEncodings : [Encoding.raw] });
      viewer[Symbol.dispose]();
      await viewer.closed;
    };
    for (let i = 0; i < 100; i++) await visit(i);
    await viewersAre(0);
    const [descriptors, before] = [descriptorCount(streaming), memoryKib(streaming)];
    for (let i = 0; i < 200; i++) await visit(i);
    await viewersAre(0);
    await until(
      () => descriptorCount(streaming) <= descriptors && memoryKib(streaming) - before < 8 * 1024,
      () => `${descriptors} descriptors and ${before} KiB, now ${descriptorCount(streaming)}, ${memoryKib(streaming)}`,
    );
  });

  test('that says half of something, or nothing at all, takes nobody’s place', async () => {
    const before = descriptorCount(streaming);
    const sockets: Socket[] = [];
    const beginnings = [
      '',
      'GET / HT',
      `GET /websockify HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${display.authorization}\r\n`,
      `GET /websockify HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${display.authorization}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ];
    for (let i = 0; i < 300; i++) {
      const socket = connect(display.port, '127.0.0.1');
      socket.on('error', () => {}); // expected: it may be refused
      socket.write(beginnings[i % beginnings.length] ?? '');
      sockets.push(socket);
    }
    await until(() => descriptorCount(streaming) >= before + 300);
    await goesOn();
    for (const socket of sockets) socket.resetAndDestroy();
    await until(
      () => descriptorCount(streaming) <= before,
      () => `${before} descriptors became ${descriptorCount(streaming)}`,
    );
    await goesOn();
  });
});
