import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, packPixel, type PixelFormat, rgb565, unpackPixel } from '@bhatti/rfb/pixel-format.ts';
import type { Screen } from '@bhatti/rfb/screen-layout.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { differingPixels, RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { rgb332 } from '../../support/pixel-formats.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

declare module 'x11' {
  interface XClient {
    QueryPointer(
      window: number,
      reply: (error: XError | null | undefined, pointer: { readonly rootX: number; readonly rootY: number }) => boolean,
    ): void;
  }
}

const why = whyNoDisplay('xterm', 'xrandr', 'xsetroot');
const lossy = [Encoding.copyRect, Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6];

describe.skipIf(why !== undefined)(titled('a screen of 3840×2160', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 3840, height: 2160 });
    painter = await XPainter.open(display);
  });
  afterAll(async () => {
    painter?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  test('is seen exactly, from corner to corner', async () => {
    using viewer = await RfbViewer.open(display);
    const [width, height] = [301, 203];
    for (const [x, y] of [
      [0, 0],
      [3840 - width, 0],
      [0, 2160 - height],
      [3840 - width, 2160 - height],
      // Across the widest rect that every client takes.
      [1900, 1000],
    ] as const) {
      await painter.paint({ x, y, width, height });
    }
    await untilExact(display, viewer);
    const xterm = display.spawn(['xterm', '-geometry', '200x60+2000+900', '-e', 'ls -la /usr/bin; sleep 60']);
    const { updates } = viewer;
    await until(() => viewer.updates > updates + 1);
    await untilExact(display, viewer);
    xterm.kill();
    await xterm.exited;
    await untilExact(display, viewer);
  });

  test('costs no more bytes for the same change than a small one', async () => {
    await using small = await TestDisplay.start({ width: 640, height: 400 });
    using smallPainter = await XPainter.open(small);
    const bytesFor = async (where: TestDisplay, on: XPainter) => {
      await where.run('xsetroot', '-solid', '#304050');
      using viewer = await RfbViewer.open(where, { encodings: [Encoding.tight] });
      await untilExact(where, viewer);
      const before = viewer.receivedBytes;
      await on.put({ x: 200, y: 101, width: 8, height: 14 }, (x, y) => (x === y ? 0xf0_f0f0 : 0x10_1010));
      await untilExact(where, viewer);
      return viewer.receivedBytes - before;
    };
    const few = await bytesFor(small, smallPainter);
    expect(await bytesFor(display, painter)).toBe(few);
    expect(few).toBeLessThan(600);
  });

  test('a screenshot has its size', async () => {
    const reply = await display.control('/screenshot?format=jpeg&quality=30');
    const child = Bun.spawn(['identify', 'jpeg:-'], { stdin: await reply.bytes() });
    expect(await new Response(child.stdout).text()).toContain(' 3840x2160 ');
  });
});

describe.skipIf(why !== undefined)(titled('several monitors', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 1280, height: 720 });
    painter = await XPainter.open(display);
  });
  afterAll(async () => {
    painter?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const layouts: { what: string; width: number; height: number; areas: Omit<Screen, 'id' | 'flags'>[] }[] = [
    {
      what: 'two side by side',
      width: 3200,
      height: 1080,
      areas: [
        { x: 0, y: 0, width: 1280, height: 720 },
        { x: 1280, y: 0, width: 1920, height: 1080 },
      ],
    },
    {
      what: 'three, one of them below',
      width: 2304,
      height: 1368,
      areas: [
        { x: 0, y: 0, width: 1280, height: 720 },
        { x: 1280, y: 0, width: 1024, height: 768 },
        { x: 500, y: 768, width: 800, height: 600 },
      ],
    },
    { what: 'one again', width: 1280, height: 720, areas: [{ x: 0, y: 0, width: 1280, height: 720 }] },
  ];

  test('are laid out as one viewer asks, told to the others, and monitors for the programs of the desktop', async () => {
    using one = await RfbViewer.open(display);
    using two = await RfbViewer.open(display);
    await until(() => one.heard('extendedDesktopSize').length > 0 && two.heard('extendedDesktopSize').length > 0);
    for (const { what, width, height, areas } of layouts) {
      const known = one.heard('extendedDesktopSize').at(-1)?.screens ?? [];
      // A monitor that stays keeps its id; a new one gets one that its viewer makes up.
      const screens = areas.map((area, i) => ({ ...area, id: known[i]?.id ?? 100 + i, flags: 0 }));
      one.send({ type: 'setDesktopSize', width, height, screens });
      for (const viewer of [one, two]) {
        const reason = viewer === one ? 1 : 2;
        await until(
          () => viewer.framebuffer.width === width && viewer.heard('extendedDesktopSize').at(-1)?.width === width,
          () => `${what}: ${JSON.stringify(viewer.heard('extendedDesktopSize').at(-1))}`,
        );
        const told = viewer.heard('extendedDesktopSize').at(-1);
        expect(told).toMatchObject({ reason, status: 0, width, height });
        expect(told?.screens.map(areaOf)).toEqual(areas);
      }
      expect(await monitors()).toEqual(areas.map(({ x, y, width: w, height: h }) => `${w}x${h}+${x}+${y}`).toSorted());
      await painter.paint({ x: width - 300, y: 0, width: 300, height });
      await painter.paint({ x: 0, y: height - 100, width, height: 100 });
      for (const viewer of [one, two]) await untilExact(display, viewer);
    }
  });

  test('have the pointer wherever a viewer puts it', async () => {
    using viewer = await RfbViewer.open(display);
    await until(() => viewer.heard('extendedDesktopSize').length > 0);
    const [layout] = layouts.slice(1);
    if (layout === undefined) throw new Error('no layout');
    const { width, height, areas } = layout;
    const [known] = viewer.heard('extendedDesktopSize').at(-1)?.screens ?? [];
    const screens = areas.map((area, i) => ({ ...area, id: i === 0 ? (known?.id ?? 0) : 200 + i, flags: 0 }));
    viewer.send({ type: 'setDesktopSize', width, height, screens });
    await until(() => viewer.framebuffer.width === width);
    for (const area of areas) {
      const [x, y] = [area.x + area.width - 1, area.y + area.height - 1];
      viewer.pointer(x, y);
      await until(async () => {
        const at = await painter.x.reply<{ rootX: number; rootY: number }>((done) =>
          painter.x.client.QueryPointer(painter.x.screen.root, done),
        );
        return at.rootX === x && at.rootY === y;
      });
    }
  });

  test('that leave the desktop, share an id or are more pixels than there may be are refused', async () => {
    using viewer = await RfbViewer.open(display);
    await until(() => viewer.heard('extendedDesktopSize').length > 0);
    const { width, height } = viewer.framebuffer;
    const half = { x: 0, y: 0, width: 640, height: 720, flags: 0 };
    const ask = async (request: { width: number; height: number; screens: Screen[] }) => {
      const before = viewer.heard('extendedDesktopSize').length;
      viewer.send({ type: 'setDesktopSize', ...request });
      return await until(() => viewer.heard('extendedDesktopSize')[before]?.status);
    };
    const beside = { ...half, id: 2, x: 640 };
    expect(await ask({ width: 1279, height: 720, screens: [{ ...half, id: 1 }, beside] })).toBe(3);
    expect(await ask({ width: 1280, height: 720, screens: [{ ...half, id: 2 }, beside] })).toBe(3);
    expect(await ask({ width: 1280, height: 720, screens: [] })).toBe(3);
    const vast = { width: 16_384, height: 16_384 };
    expect(await ask({ ...vast, screens: [{ id: 1, x: 0, y: 0, flags: 0, ...vast }] })).toBe(2);
    expect(viewer.framebuffer).toMatchObject({ width, height });
  });

  test('a program of the desktop that makes it larger than it may be gets back the size that it had', async () => {
    using viewer = await RfbViewer.open(display);
    await until(() => viewer.heard('extendedDesktopSize').length > 0);
    const { width, height } = viewer.framebuffer;
    await display.run('xrandr', '--fb', '9000x9000');
    await until(async () => (await display.run('xrandr')).includes(`current ${width} x ${height},`));
    await painter.paint({ x: width - 200, y: height - 100, width: 200, height: 100 });
    await untilExact(display, viewer);
    expect(new Set(viewer.heard('extendedDesktopSize').map((told) => told.width))).toEqual(new Set([width]));
  });

  async function monitors(): Promise<string[]> {
    const list = await display.run('xrandr', '--listmonitors');
    return [...list.matchAll(/ (\d+)\/\d+x(\d+)\/\d+(\S+)/g)]
      .map(([, width, height, place]) => `${width}x${height}${place}`)
      .toSorted();
  }
});

describe.skipIf(why !== undefined)(titled('a screen of 16 bits a pixel', why), () => {
  test('is seen exactly by viewers of 32, 16 and 8 bits, in any encoding and at any size', async () => {
    await using display = await TestDisplay.start({ flags: ['-depth', '16'], width: 641, height: 401 });
    using painter = await XPainter.open(display);
    const formats = [bgrx8888, rgb565, { ...rgb565, bigEndian: true }, rgb332];
    using stack = new DisposableStack();
    const viewers: { viewer: RfbViewer; format: PixelFormat; what: string }[] = [];
    for (const encodings of [lossy, [Encoding.zrle], [Encoding.raw]]) {
      for (const format of formats) {
        const wishes = { encodings: [...encodings, PseudoEncoding.desktopSize], format };
        const viewer = stack.use(await RfbViewer.open(display, wishes));
        viewers.push({ viewer, format, what: `${encodings.join()} in ${format.bitsPerPixel}` });
      }
    }
    await painter.paint({ x: 13, y: 9, width: 317, height: 203 });
    await seen();
    display.spawn(['xterm', '-geometry', '60x20+201+51', '-e', 'ls -la /usr/bin; sleep 60']);
    await until(() => viewers.every(({ viewer }) => viewer.updates > 2));
    await seen();
    await display.run('xrandr', '-s', '800x600');
    await until(() => viewers.every(({ viewer }) => viewer.framebuffer.width === 800));
    await painter.paint({ x: 483, y: 390, width: 317, height: 203 });
    await seen();

    async function seen(): Promise<void> {
      for (const { viewer, format, what } of viewers) {
        const same = (wanted: number, got: number) => inFormat(format, wanted) === (got & 0xff_ffff);
        await until(
          async () => (await differingPixels(display, viewer, same)) === 0,
          () => what,
        );
      }
    }
  });

  /** What a viewer of this format makes of a pixel of the screen, which a third program has widened from 16 bits in its own way. */
  function inFormat(format: PixelFormat, rgb: number): number {
    const screen = throughFormat(rgb565, rgb);
    return format.bitsPerPixel === 16 ? screen : throughFormat(format, screen);
  }

  function throughFormat(format: PixelFormat, rgb: number): number {
    return unpackPixel(format, packPixel(format, (rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff));
  }
});

describe.skipIf(why !== undefined)(titled('the number of encode threads', why), () => {
  test('changes no pixel', async () => {
    const seen = new Set<string>();
    for (const threads of ['1', '2', '4']) {
      await using display = await TestDisplay.start({ width: 1280, height: 720, env: { KASM_THREADS: threads } });
      using painter = await XPainter.open(display);
      using exact = await RfbViewer.open(display, { encodings: [Encoding.tight] });
      using stack = new DisposableStack();
      const others = await Promise.all(
        [lossy, [Encoding.zrle], [Encoding.raw]].map(async (encodings) =>
          stack.use(await RfbViewer.open(display, { encodings })),
        ),
      );
      await display.run('xsetroot', '-solid', '#204060');
      await painter.paint({ x: 100, y: 50, width: 900, height: 600 });
      for (let i = 0; i < 20; i++) await painter.paint({ x: 40 * i, y: 20 * i, width: 320, height: 180 });
      for (const viewer of [exact, ...others]) await untilExact(display, viewer);
      for (const { framebuffer } of [exact, ...others]) {
        // The fourth byte of a pixel means nothing.
        seen.add(
          new Bun.CryptoHasher('sha256').update(framebuffer.words.map((word) => word & 0xff_ffff)).digest('hex'),
        );
      }
    }
    expect(seen.size).toBe(1);
  });
});

function areaOf({ x, y, width, height }: { x: number; y: number; width: number; height: number }) {
  return { x, y, width, height };
}
