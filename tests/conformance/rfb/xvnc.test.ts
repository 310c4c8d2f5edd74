// Our client side against TigerVNC's server: its encoders judge our decoders, and its desktop our messages.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodePng } from '@bhatti/display/encode/png.ts';
import { sampleDesktop } from '@bhatti/display/encode/sample-desktop.ts';
import { clipboardCaps, provideText, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import { createFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import {
  ClipboardFlag,
  DesktopSizeReason,
  DesktopSizeStatus,
  Encoding,
  FenceFlag,
  PseudoEncoding,
} from '@bhatti/rfb/numbers.ts';
import { bgrx8888, type PixelFormat, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { crc32, openDeflater } from '@bhatti/sys/native/deflate.ts';
import { inflateOnce } from '@bhatti/sys/native/zlib.ts';

import { titled } from '../../support/capability.ts';
import { RfbClient } from '../../support/rfb-client.ts';
import { openNativeDecoder } from '../../support/rfb-decoder.ts';
import { until } from '../../support/until.ts';

const needed = ['Xvnc', 'display', 'xclip', 'xdotool', 'xsetroot'];
const missing = needed.filter((tool) => Bun.which(tool) === null);
const why = missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;

const width = 640;
const height = 400;
const desktop = sampleDesktop(width, height);
const truth = desktop.words.map((word) => word & 0xffffff);
const dir = mkdtempSync(join(tmpdir(), 'bhatti-xvnc-'));
const socketPath = join(dir, 'rfb.sock');
const deflater = openDeflater(1);
const deflate = (bytes: Uint8Array) => deflater.deflate(bytes);

let server: Bun.Subprocess | undefined;
const programs: Bun.Subprocess[] = [];
let display = '';

/** Runs an X program to its end and gives what it said. */
async function run(...argv: string[]): Promise<string> {
  const program = Bun.spawn(argv, { env: { ...process.env, DISPLAY: display }, stdout: 'pipe', stderr: 'pipe' });
  const [said, complained] = await Promise.all([
    new Response(program.stdout).text(),
    new Response(program.stderr).text(),
  ]);
  if ((await program.exited) !== 0) throw new Error(`${argv.join(' ')}: ${complained}`);
  return said;
}

describe.skipIf(why !== undefined)(titled('our client side with TigerVNC’s Xvnc', why), () => {
  beforeAll(async () => {
    const started = Bun.spawn(
      [
        'Xvnc',
        '-displayfd',
        '1',
        '-geometry',
        `${width}x${height}`,
        '-depth',
        '24',
        '-SecurityTypes',
        'None',
        '-rfbport',
        '-1',
        '-rfbunixpath',
        socketPath,
      ],
      { stdout: 'pipe', stderr: 'ignore' },
    );
    server = started;
    const { value } = await started.stdout.getReader().read();
    display = `:${new TextDecoder().decode(value).trim()}`;
    const picture = join(dir, 'desktop.png');
    writeFileSync(picture, encodePng(desktop, { deflate, crc32, plain: (bytes) => new Uint8Array(bytes) }));
    // ImageMagick's `display` exits with 1 after it has set the root window's background; whether it has is what the tests see.
    await run('display', '-window', 'root', picture).catch(() => {});
  });

  afterAll(async () => {
    for (const program of programs) program.kill();
    server?.kill();
    await server?.exited;
    rmSync(dir, { recursive: true });
  });

  for (const [name, encoding] of [
    ['Raw', Encoding.raw],
    ['Tight', Encoding.tight],
    ['ZRLE', Encoding.zrle],
  ] as const) {
    for (const format of [bgrx8888, { ...bgrx8888, bigEndian: true }, rgb565]) {
      test(`sees in ${name} what is on the screen, with ${format.bitsPerPixel} bits${format.bigEndian ? ', big endian' : ''}`, async () => {
        using client = await RfbClient.open(socketPath);
        expect([client.init.width, client.init.height]).toEqual([width, height]);
        const { picture, encodings } = await seen(client, format, [encoding]);
        expect(encodings).toContain(encoding);
        // Servers differ in how they round to fewer bits.
        const tolerance = format.bitsPerPixel === 32 ? 0 : 8;
        expect(worstDifference(picture, truth)).toBeLessThanOrEqual(tolerance);
      });
    }
  }

  test('sees Tight rects with JPEG in them alike', async () => {
    using client = await RfbClient.open(socketPath);
    const { picture } = await seen(client, bgrx8888, [Encoding.tight, PseudoEncoding.jpegQualityLevel9]);
    expect(worstDifference(picture, truth)).toBeGreaterThan(0);
    expect(worstDifference(picture, truth)).toBeLessThan(60);
  });

  test('gets the same pointer in all three forms', async () => {
    await run('xsetroot', '-cursor_name', 'left_ptr');
    const shapes: CursorShape[] = [];
    for (const kind of [PseudoEncoding.cursorWithAlpha, PseudoEncoding.vmwareCursor, PseudoEncoding.cursor]) {
      using client = await RfbClient.open(socketPath);
      shapes.push(await pointerSeen(client, kind));
    }
    const [withAlpha = emptyShape, vmware = emptyShape, classic = emptyShape] = shapes;
    const place = ({ width, height, hotX, hotY }: CursorShape) => ({ width, height, hotX, hotY });
    expect([place(vmware), place(classic)]).toEqual([place(withAlpha), place(withAlpha)]);
    const pixels = ({ rgba }: CursorShape) =>
      Array.from({ length: rgba.length / 4 }, (_, i) => [...rgba.subarray(i * 4, i * 4 + 4)]);
    // What was multiplied with alpha has lost what alpha cannot hold.
    const wrong = pixels(withAlpha).filter(([red = 0, green = 0, blue = 0, alpha = 0], i) => {
      const [r = 0, g = 0, b = 0, a = 0] = pixels(vmware)[i] ?? [];
      const lost = alpha === 0 ? 255 : Math.ceil(255 / alpha);
      return a !== alpha || Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)) > lost;
    });
    expect(wrong).toEqual([]);
    // The last form knows no half-transparent pixels: what it shows is at least half seen in the others.
    const shown = pixels(classic).filter(([, , , alpha = 0], i) => alpha > 0 && (pixels(vmware)[i]?.[3] ?? 0) < 64);
    expect(shown).toEqual([]);
  });

  test('gets a pointer in its colours, half-transparent ones too', async () => {
    const opaque = [255, 128, 0, 255];
    const half = [255, 128, 0, 128];
    const cursors = join(dir, 'themed', 'cursors');
    mkdirSync(cursors, { recursive: true });
    writeFileSync(join(cursors, 'hand1'), xcursorFile([opaque, half]));
    await run('env', `XCURSOR_PATH=${dir}`, 'XCURSOR_THEME=themed', 'xsetroot', '-cursor_name', 'hand1');
    for (const [kind, second] of [
      [PseudoEncoding.cursorWithAlpha, half],
      [PseudoEncoding.vmwareCursor, half],
      [PseudoEncoding.cursor, opaque],
    ] as const) {
      using client = await RfbClient.open(socketPath);
      const { width, height, hotX, hotY, rgba } = await pointerSeen(client, kind);
      expect([width, height, hotX, hotY]).toEqual([2, 1, 1, 0]);
      // Multiplied with alpha and back loses a step or two.
      const wrong = [...opaque, ...second].filter((value, i) => Math.abs((rgba[i] ?? 0) - value) > 2);
      expect(wrong).toEqual([]);
    }
  });

  test('moves the pointer', async () => {
    using client = await RfbClient.open(socketPath);
    client.send({ type: 'pointerEvent', x: 123, y: 45, buttonMask: 0 });
    await until(async () => (await run('xdotool', 'getmouselocation')).startsWith('x:123 y:45'));
  });

  test('gets its fence back', async () => {
    using client = await RfbClient.open(socketPath);
    client.send({ type: 'setEncodings', encodings: [Encoding.raw, PseudoEncoding.fence] });
    await client.next(isType('serverFence'));
    client.send({
      type: 'clientFence',
      flags: (FenceFlag.request | FenceFlag.blockBefore) >>> 0,
      payload: Uint8Array.of(1, 2, 3),
    });
    expect(await client.next(isType('serverFence'))).toEqual({
      type: 'serverFence',
      flags: FenceFlag.blockBefore,
      payload: Uint8Array.of(1, 2, 3),
    });
  });

  test('hands text of any script from the clipboard of X to a client', async () => {
    using client = await openWithClipboard();
    programs.push(
      Bun.spawn(['sh', '-c', `printf 'Grüße, 世界\\nline two' | xclip -quiet -i -selection clipboard`], {
        env: { ...process.env, DISPLAY: display },
        stdio: ['ignore', 'ignore', 'ignore'],
      }),
    );
    const isNotify = (message: ServerMessage) =>
      message.type === 'extendedClipboard' && message.clipboard.action === 'notify';
    await until(() => client.messages.some(isNotify));
    client.messages.splice(0);
    client.send({ type: 'extendedClipboard', clipboard: { action: 'request', formats: ClipboardFlag.text } });
    const { clipboard } = await client.next(isType('extendedClipboard'));
    if (clipboard.action !== 'provide') throw new Error(clipboard.action);
    expect(readProvidedText(clipboard, { inflate: inflateOnce, maxTextBytes: 1000 })).toBe('Grüße, 世界\nline two');
  });

  test('hands text of any script from a client to X', async () => {
    using client = await openWithClipboard();
    client.send({ type: 'extendedClipboard', clipboard: { action: 'notify', formats: ClipboardFlag.text } });
    const pasted = until(async () => await run('xclip', '-o', '-selection', 'clipboard').catch(() => undefined));
    await until(() =>
      client.messages.some((message) => message.type === 'extendedClipboard' && message.clipboard.action === 'request'),
    );
    client.send({ type: 'extendedClipboard', clipboard: provideText('naïve ☃ text', deflate) });
    expect(await pasted).toBe('naïve ☃ text');
  });

  test('resizes the screen, and is told so', async () => {
    using client = await RfbClient.open(socketPath);
    client.send({ type: 'setEncodings', encodings: [Encoding.raw, PseudoEncoding.extendedDesktopSize] });
    client.send({ type: 'framebufferUpdateRequest', incremental: false, rect: { x: 0, y: 0, width: 1, height: 1 } });
    const first = await client.next(isType('extendedDesktopSize'));
    expect(first.screens).toMatchObject([{ x: 0, y: 0, width, height }]);
    const screens = first.screens.map((screen) => ({ ...screen, width: 800, height: 500 }));
    client.send({ type: 'setDesktopSize', width: 800, height: 500, screens });
    client.send({ type: 'framebufferUpdateRequest', incremental: true, rect: { x: 0, y: 0, width: 1, height: 1 } });
    const isAnswer = (message: ServerMessage): message is Extract<ServerMessage, { type: 'extendedDesktopSize' }> =>
      message.type === 'extendedDesktopSize' && message.reason === DesktopSizeReason.client;
    expect(await client.next(isAnswer)).toMatchObject({
      width: 800,
      height: 500,
      status: DesktopSizeStatus.noError,
      screens,
    });
  });
});

function isType<K extends ServerMessage['type']>(type: K) {
  return (message: ServerMessage): message is Extract<ServerMessage, { type: K }> => message.type === type;
}

async function openWithClipboard(): Promise<RfbClient> {
  const client = await RfbClient.open(socketPath);
  client.send({ type: 'setEncodings', encodings: [Encoding.raw, PseudoEncoding.extendedClipboard] });
  const { clipboard } = await client.next(isType('extendedClipboard'));
  expect(clipboard).toMatchObject({ action: 'caps' });
  client.send({ type: 'extendedClipboard', clipboard: clipboardCaps(0) });
  return client;
}

const emptyShape: CursorShape = { width: 0, height: 0, hotX: 0, hotY: 0, rgba: new Uint8Array(0) };

/** A file of libXcursor (its man page, "CURSOR FILES") with one row of pixels, each R, G, B, A; the hot spot is the second. */
function xcursorFile(pixels: readonly (readonly number[])[]): Uint8Array {
  const headerBytes = 16;
  const imageHeaderBytes = 36;
  const image = 0xfffd0002;
  const at = headerBytes + 12;
  const width = pixels.length;
  const words = [0x72756358, headerBytes, 0x10000, 1];
  words.push(image, 24, at);
  words.push(imageHeaderBytes, image, 24, 1, width, 1, 1, 0, 0);
  for (const [red = 0, green = 0, blue = 0, alpha = 0] of pixels) {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => Math.round((value * alpha) / 255));
    words.push(((alpha << 24) | (r << 16) | (g << 8) | b) >>> 0);
  }
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The shape of the pointer, asked for until there is one: the server draws it itself as long as another moved it last. */
async function pointerSeen(client: RfbClient, kind: number): Promise<CursorShape> {
  client.send({ type: 'setEncodings', encodings: [Encoding.raw, kind] });
  for (let x = 100; x < 150; x++) {
    client.send({ type: 'pointerEvent', x, y: 100, buttonMask: 0 });
    client.send({ type: 'framebufferUpdateRequest', incremental: false, rect: { x: 0, y: 0, width: 1, height: 1 } });
    await until(() => client.messages.some(({ type }) => type === 'updateEnd'));
    for (const message of client.messages.splice(0)) {
      if (message.type === 'cursor' && message.cursor.width > 0) return message.cursor;
    }
  }
  throw new Error('the server never sent the pointer');
}

/** The whole screen in this format and with these encodings. */
async function seen(client: RfbClient, format: PixelFormat, encodings: readonly number[]) {
  client.send({ type: 'setPixelFormat', format });
  client.send({ type: 'setEncodings', encodings });
  client.send({ type: 'framebufferUpdateRequest', incremental: false, rect: { x: 0, y: 0, width, height } });
  const decoder = openNativeDecoder();
  const framebuffer = createFramebuffer(width, height);
  const used = new Set<number>();
  await until(() => client.messages.some(({ type }) => type === 'updateEnd'));
  for (const message of client.messages.splice(0)) {
    if (message.type !== 'pixels') continue;
    used.add(message.encoding);
    decoder.decode(framebuffer, message, format);
  }
  return { picture: framebuffer.words, encodings: [...used] };
}

function worstDifference(a: Int32Array, b: Int32Array): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    for (const shift of [16, 8, 0]) {
      worst = Math.max(worst, Math.abs((((a[i] ?? 0) >> shift) & 0xff) - (((b[i] ?? 0) >> shift) & 0xff)));
    }
  }
  return worst;
}
