import type { Page } from 'playwright-core';
import type { CreateImageBitmap, OffscreenCanvasClass, PageDocument, PageWindow } from './e2e-browser.ts';

declare const window: PageWindow;
declare const document: PageDocument;
declare const createImageBitmap: CreateImageBitmap;
declare const OffscreenCanvas: OffscreenCanvasClass;

export type Colour = readonly [red: number, green: number, blue: number];

/** Pixels, three bytes each, as a browser shows them. */
export class Picture {
  readonly width: number;
  readonly height: number;
  readonly #rgb: Uint8Array;

  constructor(width: number, height: number, rgb: Uint8Array) {
    this.width = width;
    this.height = height;
    this.#rgb = rgb;
  }

  /** What the web client's canvas holds now, unscaled. */
  static async ofViewer(page: Page): Promise<Picture> {
    return fromWire(
      await page.evaluate(() => {
        const picture = window.bhatti?.picture();
        if (picture === undefined) throw new Error('there is no picture');
        const { width, height, data } = picture;
        let text = '';
        for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
        return { width, height, base64: btoa(text) };
      }),
    );
  }

  /** What the only canvas of a page holds. */
  static async ofCanvas(page: Page): Promise<Picture> {
    return fromWire(
      await page.evaluate(() => {
        const canvas = document.querySelector('canvas');
        if (canvas === null || canvas.width === 0) return { width: 0, height: 0, base64: '' };
        const { width, height } = canvas;
        const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
        let text = '';
        for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
        return { width, height, base64: btoa(text) };
      }),
    );
  }

  /** A picture file of a type that browsers know. */
  static async decode(page: Page, base64: string): Promise<Picture> {
    return fromWire(
      await page.evaluate(async (encoded) => {
        const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' });
        const { width, height } = bitmap;
        const context = new OffscreenCanvas(width, height).getContext('2d');
        if (context === null) throw new Error('there is no canvas');
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        let text = '';
        for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
        return { width, height, base64: btoa(text) };
      }, base64),
    );
  }

  colourAt(x: number, y: number): Colour {
    const at = (y * this.width + x) * 3;
    return [this.#rgb[at] ?? -1, this.#rgb[at + 1] ?? -1, this.#rgb[at + 2] ?? -1];
  }

  /** How much of the picture has exactly this colour, from 0 to 1. */
  shareOf([red, green, blue]: Colour): number {
    let count = 0;
    for (let at = 0; at < this.#rgb.length; at += 3)
      if (this.#rgb[at] === red && this.#rgb[at + 1] === green && this.#rgb[at + 2] === blue) count++;
    return count / (this.width * this.height);
  }

  /** Number of pixels that differ; all of the larger one where the sizes do. */
  differenceFrom(other: Picture): number {
    if (this.width !== other.width || this.height !== other.height)
      return Math.max(this.width * this.height, other.width * other.height);
    let count = 0;
    for (let at = 0; at < this.#rgb.length; at += 3) {
      const same =
        this.#rgb[at] === other.#rgb[at] &&
        this.#rgb[at + 1] === other.#rgb[at + 1] &&
        this.#rgb[at + 2] === other.#rgb[at + 2];
      if (!same) count++;
    }
    return count;
  }

  /** Number of different colours, counted up to `most`. */
  colours(most = 1_000): number {
    const seen = new Set<number>();
    for (let at = 0; at < this.#rgb.length && seen.size < most; at += 3)
      seen.add(((this.#rgb[at] ?? 0) << 16) | ((this.#rgb[at + 1] ?? 0) << 8) | (this.#rgb[at + 2] ?? 0));
    return seen.size;
  }
}

function fromWire(wire: { width: number; height: number; base64: string }): Picture {
  const rgba = Buffer.from(wire.base64, 'base64');
  const rgb = new Uint8Array(wire.width * wire.height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return new Picture(wire.width, wire.height, rgb);
}
