import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, packPixel, type PixelFormat, rgb565, unpackPixel } from '@bhatti/rfb/pixel-format.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { differingPixels, RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { XPainter } from '../../support/x-painter.ts';
import { rgb332 } from '../../support/pixel-formats.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('xterm', 'xsetroot', 'xrandr');

describe.skipIf(why !== undefined)(titled('what a viewer sees', why), () => {
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

  const photo = () => painter.paint({ x: 20, y: 10, width: 300, height: 200 });

  const rgba: PixelFormat = { ...bgrx8888, redShift: 0, blueShift: 16 };
  for (const { what, encodings, format } of [
    { what: 'Tight with JPEG', encodings: [Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6], format: undefined },
    {
      what: 'Tight with JPEG in the pixel order of noVNC',
      encodings: [Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6],
      format: rgba,
    },
    { what: 'Tight without loss', encodings: [Encoding.tight], format: undefined },
    { what: 'ZRLE', encodings: [Encoding.zrle], format: undefined },
    { what: 'raw pixels', encodings: [Encoding.raw], format: rgba },
    { what: 'no encoding named', encodings: [], format: undefined },
    { what: 'Tight in 16 bits', encodings: [Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6], format: rgb565 },
    { what: 'ZRLE in 8 bits', encodings: [Encoding.zrle], format: rgb332 },
  ]) {
    test(`equals the X server’s pixels with ${what}`, async () => {
      await photo();
      using viewer = await RfbViewer.open(display, { encodings, ...(format === undefined ? {} : { format }) });
      const asFormat = (word: number) => {
        if (format === undefined) return word;
        return unpackPixel(format, packPixel(format, (word >> 16) & 0xff, (word >> 8) & 0xff, word & 0xff));
      };
      const exact = () => differingPixels(display, viewer, (wanted, seen) => asFormat(wanted) === (seen & 0xff_ffff));
      await until(
        async () => (await exact()) === 0,
        () => `${viewer.updates} updates`,
      );
      const xterm = display.spawn(['xterm', '-geometry', '60x20+20+20', '-e', 'ls -la /usr/bin; sleep 60']);
      const updatesBefore = viewer.updates;
      await until(() => viewer.updates > updatesBefore + 1);
      await until(
        async () => (await exact()) === 0,
        () => `${viewer.updates} updates`,
      );
      xterm.kill();
      await until(
        async () => (await exact()) === 0,
        () => `${viewer.updates} updates`,
      );
    });
  }

  test('nothing is sent while nothing changes', async () => {
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    const { updates } = viewer;
    // Captures of the X server's pixels are reads: they change nothing.
    await display.pixels();
    await untilExact(display, viewer);
    expect(viewer.updates).toBe(updates);
  });

  test('is the same for several viewers at once, each in its own format', async () => {
    using one = await RfbViewer.open(display);
    using two = await RfbViewer.open(display, { encodings: [Encoding.zrle] });
    using three = await RfbViewer.open(display, { encodings: [Encoding.raw, PseudoEncoding.desktopSize] });
    await photo();
    for (const viewer of [one, two, three]) await untilExact(display, viewer);
    expect(await (await display.control('/status')).json()).toMatchObject({ viewers: 3 });
  });

  test('nothing is lost when programs draw side by side, in the same rows, while the screen is captured', async () => {
    using viewer = await RfbViewer.open(display, { encodings: [Encoding.tight] });
    const painters = await Promise.all([0, 1, 2].map(() => XPainter.open(display)));
    for (let burst = 0; burst < 12; burst++) {
      await Promise.all(
        painters.map(async (each, column) => {
          for (let i = 0; i < 25; i++) await each.paint({ x: column * 200 + i * 3, y: 100 + i, width: 20, height: 8 });
        }),
      );
      await untilExact(display, viewer);
    }
    for (const each of painters) each[Symbol.dispose]();
  });

  test('only what was asked for is sent', async () => {
    await display.run('xsetroot', '-solid', '#102030');
    using viewer = await RfbViewer.open(display, { encodings: [Encoding.raw], isWatching: false });
    const rect = { x: 100, y: 50, width: 30, height: 20 };
    viewer.send({ type: 'framebufferUpdateRequest', incremental: false, rect });
    await until(() => viewer.updates === 1);
    const painted = viewer.framebuffer.words.filter((word) => word !== 0).length;
    expect(painted).toBe(30 * 20);
    // No request is left, so a change is not sent.
    await display.run('xsetroot', '-solid', '#405060');
    await until(async () => (await display.pixels()).words[0] === 0x405060);
    expect(viewer.updates).toBe(1);
    viewer.send({ type: 'framebufferUpdateRequest', incremental: true, rect });
    await until(() => viewer.updates === 2);
    expect(viewer.framebuffer.words[51 * 640 + 101]).toBe(0x405060);
  });

  test('continuous updates need no requests', async () => {
    using viewer = await RfbViewer.open(display, { isWatching: false });
    await until(() => viewer.heard('endOfContinuousUpdates').length > 0);
    viewer.send({ type: 'enableContinuousUpdates', enable: true, rect: { x: 0, y: 0, width: 640, height: 400 } });
    await untilExact(display, viewer);
    await photo();
    await untilExact(display, viewer);
    viewer.send({ type: 'enableContinuousUpdates', enable: false, rect: { x: 0, y: 0, width: 0, height: 0 } });
    await until(() => viewer.heard('endOfContinuousUpdates').length === 2);
    const { updates } = viewer;
    await display.run('xsetroot', '-solid', '#707070');
    await until(async () => (await display.pixels()).words[0] === 0x707070);
    expect(viewer.updates).toBe(updates);
  });

  test('the pointer’s shape comes beside the picture, not in it', async () => {
    using viewer = await RfbViewer.open(display);
    viewer.pointer(320, 200);
    const shapes = () => new Set(viewer.heard('cursor').map(({ cursor }) => cursor.rgba.toBase64()));
    await until(() => shapes().size > 0);
    await display.run('xsetroot', '-cursor_name', 'crosshair');
    await until(() => shapes().size > 1);
    // An animated shape: each of its pictures is a shape of its own.
    await display.run('xsetroot', '-cursor_name', 'watch');
    await until(() => shapes().size > 4);
    await untilExact(display, viewer);
    await display.run('xsetroot', '-cursor_name', 'crosshair');
  });

  test('a viewer that asks for a size gets it, and all viewers follow', async () => {
    using one = await RfbViewer.open(display);
    using two = await RfbViewer.open(display);
    await until(() => one.heard('extendedDesktopSize').length === 1 && two.heard('extendedDesktopSize').length === 1);
    for (const [width, height] of [
      [800, 600],
      [333, 217],
      [640, 400],
    ] as const) {
      const { screens } = one.heard('extendedDesktopSize').at(-1) ?? { screens: [] };
      const wanted = screens.map((screen) => ({ ...screen, width, height }));
      one.send({ type: 'setDesktopSize', width, height, screens: wanted });
      await until(() => one.framebuffer.width === width && two.framebuffer.width === width);
      await photo();
      await untilExact(display, one);
      await untilExact(display, two);
      expect(one.heard('extendedDesktopSize').at(-1)).toMatchObject({ reason: 1, status: 0, width, height });
      expect(two.heard('extendedDesktopSize').at(-1)).toMatchObject({ reason: 2, status: 0, width, height });
    }
  });

  test('impossible sizes are refused, and the desktop stays', async () => {
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    const screen = { id: 0, x: 0, y: 0, flags: 0 };
    for (const [width, height] of [
      [0, 0],
      [65_535, 65_535],
    ] as const) {
      const before = viewer.heard('extendedDesktopSize').length;
      viewer.send({ type: 'setDesktopSize', width, height, screens: [{ ...screen, width, height }] });
      await until(() => viewer.heard('extendedDesktopSize').length > before);
      expect(viewer.heard('extendedDesktopSize').at(-1)?.status).toBeGreaterThan(0);
    }
    expect(viewer.framebuffer.width).toBe(640);
    await untilExact(display, viewer);
  });

  test('a program of the desktop may change the size too, also for viewers that only know DesktopSize', async () => {
    using one = await RfbViewer.open(display);
    using old = await RfbViewer.open(display, { encodings: [Encoding.raw, PseudoEncoding.desktopSize] });
    await display.run('xrandr', '-s', '800x600');
    await until(() => one.framebuffer.width === 800 && old.framebuffer.width === 800);
    await untilExact(display, one);
    await untilExact(display, old);
    expect(one.heard('extendedDesktopSize').at(-1)?.reason).toBe(0);
    await display.run('xrandr', '-s', '640x480');
    await until(() => one.framebuffer.height === 480 && old.framebuffer.height === 480);
    await untilExact(display, one);
  });
});
