import { afterAll, describe, expect, test } from 'bun:test';

import type { FramebufferRef, PictureJob } from '@bhatti/display/encode/encode-job.ts';
import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { sampleDesktop } from '@bhatti/display/encode/sample-desktop.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { decompressJpeg } from '@bhatti/sys/native/turbojpeg.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

const width = 640;
const height = 360;
const desktop = sampleDesktop(width, height);
const segment = createSharedSegment(width * height * 4);
segment.remove();
new Int32Array(segment.memory()).set(desktop.words);
const pool = openEncodePool({ threads: 1 });
pool.attach(segment);
afterAll(async () => {
  await pool.close();
  segment.detach();
});

const framebuffer: FramebufferRef = {
  segmentId: segment.id,
  offsetBytes: 0,
  widthPx: width,
  heightPx: height,
  strideBytes: width * 4,
  format: bgrx8888,
};
const take = (job: Partial<PictureJob>) => pool.picture({ framebuffer, format: 'png', quality: 90, ...job });

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0x00RRGGBB. */
  readonly words: Int32Array;
}

/** What another program reads in a picture file: ImageMagick, by its decoders of all three formats. */
async function decode(file: Uint8Array, format: string): Promise<Pixels> {
  const convert = Bun.spawn(['convert', `${format}:-`, '-depth', '8', '-print', '%w %h\n', 'rgba:-'], { stdin: file });
  const output = new Uint8Array(await new Response(convert.stdout).arrayBuffer());
  expect(await convert.exited).toBe(0);
  const lineEnd = output.indexOf(10);
  const [w = 0, h = 0] = new TextDecoder().decode(output.subarray(0, lineEnd)).split(' ').map(Number);
  const rgba = output.subarray(lineEnd + 1);
  expect(rgba.length).toBe(w * h * 4);
  const words = Int32Array.from({ length: w * h }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(i * 4, i * 4 + 3);
    return (red << 16) | (green << 8) | blue;
  });
  return { width: w, height: h, words };
}

function meanError(a: Int32Array, b: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    for (const shift of [16, 8, 0]) sum += Math.abs((((a[i] ?? 0) >> shift) & 0xff) - (((b[i] ?? 0) >> shift) & 0xff));
  }
  return sum / (a.length * 3);
}

const truth = desktop.words.map((word) => word & 0xffffff);

describe('a screenshot', () => {
  test('as PNG has the exact pixels', async () => {
    const picture = await decode(await take({ format: 'png' }), 'png');
    expect([picture.width, picture.height]).toEqual([width, height]);
    expect(meanError(picture.words, truth)).toBe(0);
  });

  for (const format of ['jpeg', 'webp'] as const) {
    test(`as ${format} looks alike, and is smaller at lower quality`, async () => {
      const [fine, coarse] = await Promise.all([take({ format, quality: 95 }), take({ format, quality: 20 })]);
      const picture = await decode(fine, format);
      expect([picture.width, picture.height]).toEqual([width, height]);
      expect(meanError(picture.words, truth)).toBeLessThan(4);
      expect(coarse.length).toBeLessThan(fine.length / 2);
    });
  }

  test('of a part has that part', async () => {
    const rect = { x: 37, y: 100, width: 101, height: 55 };
    const picture = await decode(await take({ rect }), 'png');
    const wanted = Int32Array.from(
      { length: 101 * 55 },
      (_, i) => truth[(100 + Math.floor(i / 101)) * width + 37 + (i % 101)] ?? 0,
    );
    expect([picture.width, picture.height]).toEqual([101, 55]);
    expect(meanError(picture.words, wanted)).toBe(0);
  });

  test('of a part that leaves the screen has what is on it', async () => {
    const picture = await decode(await take({ rect: { x: 600, y: 300, width: 500, height: 500 } }), 'png');
    expect([picture.width, picture.height]).toEqual([40, 60]);
  });

  test('has the size that was asked for, in every format', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const picture = await decode(await take({ format, size: { widthPx: 111, heightPx: 62 } }), format);
      expect([picture.width, picture.height]).toEqual([111, 62]);
    }
  });

  test('shows the pointer where it is, and leaves the screen as it was', async () => {
    const shape = { width: 4, height: 4, hotX: 2, hotY: 2, rgba: new Uint8Array(64).fill(255) };
    const rect = { x: 50, y: 50, width: 20, height: 20 };
    const withPointer = await decode(await take({ rect, cursor: { x: 60, y: 58, shape } }), 'png');
    const without = await decode(await take({ rect }), 'png');
    const painted = [...withPointer.words.keys()].filter((i) => withPointer.words[i] !== without.words[i]);
    const inShape = (i: number) => i % 20 >= 8 && i % 20 < 12 && Math.floor(i / 20) >= 6 && Math.floor(i / 20) < 10;
    expect(painted.length).toBeGreaterThan(0);
    expect(painted.every(inShape)).toBe(true);
    expect([...withPointer.words.keys()].filter(inShape).every((i) => withPointer.words[i] === 0xffffff)).toBe(true);
  });

  test('is refused without pixels, and larger than the screen', async () => {
    const refused = async (job: Partial<PictureJob>) => {
      const ending = await Promise.allSettled([take(job)]);
      expect(ending).toMatchObject([{ status: 'rejected', reason: { code: 'INVALID_ARGUMENT' } }]);
    };
    await refused({ rect: { x: 5000, y: 0, width: 10, height: 10 } });
    await refused({ size: { widthPx: 0, heightPx: 10 } });
    await refused({ size: { widthPx: width + 1, heightPx: height } });
  });

  test('as JPEG has colours of full resolution, so that coloured text stays legible', async () => {
    const { widthPx, heightPx } = decompressJpeg(await take({ format: 'jpeg' }), width * height);
    expect([widthPx, heightPx]).toEqual([width, height]);
  });
});
