import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { chromiumFlags } from '../../support/chromium.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { ssim } from '../../support/ssim.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const browser = '/usr/bin/chromium';
const why = whyNoDisplay('xterm', 'xclip') ?? (existsSync(browser) ? undefined : `needs ${browser}`);

describe.skipIf(why !== undefined)(titled('the web client in Chromium', why), () => {
  let display: TestDisplay;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 800, height: 600 });
    context = await openBrowser(display, display.password);
    page = context.pages()[0] ?? (await context.newPage());
  });
  afterAll(async () => {
    await context?.close();
    await display?.[Symbol.asyncDispose]();
  });

  /** Pixels of the client's canvas that differ from the X server's. */
  const differing = async (): Promise<number> => {
    const seen = await page.evaluate(canvasPixels);
    const wanted = await display.pixels();
    if (seen.width !== wanted.width || seen.height !== wanted.height) return Infinity;
    const bytes = Buffer.from(seen.rgba, 'base64');
    return wanted.words.reduce((sum, word, i) => sum + (bytes.readUIntBE(i * 4, 3) === word ? 0 : 1), 0);
  };
  const untilExact = () => until(async () => (await differing()) === 0, differing);

  test('without the password there is nothing to see', async () => {
    const stranger = await openBrowser(display, undefined);
    const reply = await (stranger.pages()[0] ?? (await stranger.newPage()))
      .goto(`http://127.0.0.1:${display.port}/`)
      .catch(String);
    await stranger.close();
    expect(typeof reply === 'string' ? reply : String(reply?.status())).toMatch(/401|ERR_INVALID_AUTH_CREDENTIALS/);
  });

  test('with it the canvas shows exactly the desktop, and follows it', async () => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${display.port}/`);
    await untilExact();
    using painter = await XPainter.open(display);
    for (let i = 0; i < 5; i++) await painter.paint({ x: 50 * i, y: 40 * i, width: 400, height: 300 });
    await untilExact();
    expect(complaints).toEqual([]);
  });

  test('a person types and scrolls in a terminal', async () => {
    const file = join(display.home, 'typed');
    display.spawn(['xterm', '-u8', '-geometry', '100x30+0+0', '-e', 'sh', '-c', `cat > ${file}`]);
    await until(() => existsSync(file));
    await until(
      async () => {
        await page.mouse.move(200, 200 + Math.random() * 20);
        await page.keyboard.type('echo "$DISPLAY"\n');
        return readFileSync(file, 'utf8').includes('echo "$DISPLAY"\n');
      },
      () => readFileSync(file, 'utf8'),
    );
    await page.mouse.wheel(0, -200);
    await untilExact();
  });

  test('a film is decoded from H.264, looks like it in motion, and is exact soon after', async () => {
    await page.addInitScript(countVideoPictures);
    await page.goto(`http://127.0.0.1:${display.port}/`);
    await untilExact();
    using painter = await XPainter.open(display);
    const film = { x: 64, y: 432, width: 192, height: 144 }; // beside the terminal
    const pixelAt = (n: number) => (x: number, y: number) => {
      const level = (phase: number) =>
        Math.round(128 + 60 * Math.sin((x + n * 3) / (20 + (n % 7)) + phase) + 50 * Math.cos((y - n) / 17 - phase));
      return (level(0) << 16) | (level(2) << 8) | level(4);
    };
    const pictures = Array.from({ length: 24 }, (_, i) => pixelsOf(film, pixelAt(i)));
    let isPlaying = true;
    // It goes on while the page is looked at.
    const playing = (async () => {
      for (let n = 0; isPlaying; n++) {
        const picture = pictures[n % pictures.length];
        await painter.put(film, (x, y) => picture?.[y * film.width + x] ?? 0);
      }
    })();
    await until(async () => (await page.evaluate(videoPictures)) > 20);
    let best = 0;
    await until(
      async () => {
        const seen = await page.evaluate(canvasPixels);
        const bytes = Buffer.from(seen.rgba, 'base64');
        const shown = pixelsOf(film, (x, y) => bytes.readUIntBE(((film.y + y) * seen.width + film.x + x) * 4, 3));
        const part = { x: 0, y: 0, width: film.width, height: film.height, stride: film.width };
        // What the canvas shows is one of the film's pictures, nearly. Exactly, when it just paused for long: that says nothing of the video.
        best = Math.max(...pictures.map((picture) => ssim(shown, picture, part)));
        return best > 0.95 && best < 1;
      },
      () => best,
    );
    isPlaying = false;
    await playing;
    await untilExact();
  });
});

function pixelsOf(size: { width: number; height: number }, pixelAt: (x: number, y: number) => number): Int32Array {
  return Int32Array.from({ length: size.width * size.height }, (_, i) =>
    pixelAt(i % size.width, Math.floor(i / size.width)),
  );
}

/** Runs in the page before its own scripts. */
function countVideoPictures(): void {
  // WHY: this function is sent to the browser as text, where these exist; they do not here.
  const page = globalThis as unknown as {
    videoPictures: number;
    VideoDecoder: new () => { decode(chunk: unknown): void };
  };
  page.videoPictures = 0;
  page.VideoDecoder = class extends page.VideoDecoder {
    override decode(chunk: unknown): void {
      page.videoPictures++;
      super.decode(chunk);
    }
  };
}

/** Runs in the page. */
function videoPictures(): number {
  return (globalThis as unknown as { videoPictures: number }).videoPictures;
}

function openBrowser(display: TestDisplay, password: string | undefined): Promise<BrowserContext> {
  return chromium.launchPersistentContext(join(display.dir, `profile-${Math.random().toString(36).slice(2)}`), {
    executablePath: browser,
    headless: true,
    viewport: { width: 800, height: 600 },
    args: [...chromiumFlags],
    ...(password === undefined ? {} : { httpCredentials: { username: 'kasm_user', password } }),
  });
}

/** Runs in the page. */
function canvasPixels(): { width: number; height: number; rgba: string } {
  // WHY: this function is sent to the browser as text, where `document` exists; it does not here.
  const { document } = globalThis as unknown as {
    document: { querySelectorAll(selector: string): Iterable<BrowserCanvas> };
  };
  const canvas = Array.from(document.querySelectorAll('canvas')).toSorted((a, b) => b.width - a.width)[0];
  if (canvas === undefined || canvas.width === 0) return { width: 0, height: 0, rgba: '' };
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let binary = '';
  for (let i = 0; i < data.length; i += 8192) binary += String.fromCharCode(...data.subarray(i, i + 8192));
  return { width: canvas.width, height: canvas.height, rgba: btoa(binary) };
}

interface BrowserCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): { getImageData(x: number, y: number, w: number, h: number): { readonly data: Uint8Array } };
}
