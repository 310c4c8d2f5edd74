import { decodeAuthority } from '@bhatti/display/supervisor/x-authority.ts';
import { openXConnection, type XConnection } from '@bhatti/display/source/x-connection.ts';
import { packPixel, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDisplay } from './display-server.ts';

const zPixmap = 2;
const bandRows = 50; // an X request without extensions holds 256 KB

interface PaintedRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws on the root window what no toolkit would: pictures with as many colours as a photo. Colours are 0xRRGGBB whatever the depth. */
export class XPainter implements Disposable {
  readonly x: XConnection;
  readonly #gc: number;
  #seed = 1;

  static async open(display: TestDisplay): Promise<XPainter> {
    const [entry] = decodeAuthority(readFileSync(join(display.rootHome, '.Xauthority')));
    return new XPainter(await openXConnection({ display: display.display, cookie: entry?.data ?? new Uint8Array() }));
  }

  private constructor(x: XConnection) {
    this.x = x;
    this.#gc = x.client.AllocID();
    x.client.CreateGC(this.#gc, x.screen.root, {});
  }

  /** Another picture with each call. Resolves when the X server has drawn it. */
  paint(rect: PaintedRect): Promise<void> {
    const seed = this.#seed++;
    return this.put(rect, (x, y) => photoPixel(x, y, seed));
  }

  /** Draws what `pixelAt` says of each pixel, from the rect's corner on. Resolves when the X server has drawn it. */
  async put(rect: PaintedRect, pixelAt: (x: number, y: number) => number): Promise<void> {
    for (let top = 0; top < rect.height; top += bandRows) {
      const rows = Math.min(bandRows, rect.height - top);
      const { client, screen, bitsPerPixel } = this.x;
      const isNarrow = bitsPerPixel === 16;
      // X pads rows to 32 bits.
      const stride = isNarrow ? (rect.width * 2 + 3) & ~3 : rect.width * 4;
      const pixels = Buffer.alloc(stride * rows);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < rect.width; x++) {
          const rgb = pixelAt(x, top + y);
          if (isNarrow)
            pixels.writeUInt16LE(packPixel(rgb565, rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff), y * stride + x * 2);
          else pixels.writeUInt32LE(rgb, y * stride + x * 4);
        }
      }
      client.PutImage(
        zPixmap,
        screen.root,
        this.#gc,
        rect.width,
        rows,
        rect.x,
        rect.y + top,
        0,
        screen.root_depth,
        pixels,
      );
    }
    await this.#drawn();
  }

  /** Moves the contents of a rect up, as a scrolling window does; the lowest rows stay as they are. Resolves when the X server has done it. */
  async scroll({ x, y, width, height }: PaintedRect, rows: number): Promise<void> {
    const { root } = this.x.screen;
    this.x.client.CopyArea(root, root, this.#gc, x, y + rows, x, y, width, height - rows);
    await this.#drawn();
  }

  async #drawn(): Promise<void> {
    await this.x.reply((done) => this.x.client.GetGeometry(this.x.screen.root, done));
  }

  [Symbol.dispose](): void {
    this.x[Symbol.dispose]();
  }
}

/** Smooth colours with grain, as cameras make them. */
function photoPixel(x: number, y: number, seed: number): number {
  const grain = (Math.imul(x * 7919 + y * 104_729 + seed * 15_485_863, 0x9e37_79b1) >>> 28) - 8;
  const channel = (phase: number) =>
    Math.max(
      0,
      Math.min(255, Math.round(128 + 110 * Math.sin(x / 40 + phase + seed) * Math.cos(y / 30 - phase) + grain)),
    );
  return (channel(0) << 16) | (channel(2) << 8) | channel(4);
}
