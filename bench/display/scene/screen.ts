// What every scene is made of: windows, pictures from shared memory, text, the keyboard's focus. No window manager runs, so every window stands where it was put.
import { attachSharedSegment, type SharedSegment } from '@bhatti/sys/shm.ts';
import type { XConnection } from '@bhatti/display/source/x-connection.ts';
import { stripCells, stripHeight, stripOf, stripWidth, cellPx } from '../figure/strip.ts';
import { zPixmap } from './x11-drawing.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A segment that the X server has mapped too. */
export interface XSegment {
  readonly segment: SharedSegment;
  readonly xSegment: number;
}

const inputOutput = 1;
const revertToParent = 2;
const lineHeight = 15;

export class Screen {
  readonly x: XConnection;
  readonly gc: number;

  constructor(x: XConnection) {
    this.x = x;
    this.gc = x.client.AllocID();
    x.client.CreateGC(this.gc, x.screen.root, { graphicsExposures: 0 });
  }

  get root(): number {
    return this.x.screen.root;
  }

  /** A mapped window, above all others. */
  openWindow(box: Box, values: Readonly<Record<string, number>> = { backgroundPixel: 0 }): number {
    const { client } = this.x;
    const window = client.AllocID();
    client.CreateWindow(window, this.root, box.x, box.y, box.width, box.height, 0, 0, inputOutput, 0, {
      ...values,
      overrideRedirect: 1,
    });
    client.MapWindow(window);
    return window;
  }

  async attach(ref: { readonly id: number; readonly bytes: number }): Promise<XSegment> {
    const xSegment = this.x.client.AllocID();
    await this.x.reply<void>((done) => this.x.shm.Attach(xSegment, ref.id, false, done));
    return { segment: attachSharedSegment(ref), xSegment };
  }

  /** Puts one picture of a segment that holds pictures of this size one after the other. */
  putPicture(drawable: number, from: XSegment, size: { width: number; height: number }, index = 0): void {
    const { width, height } = size;
    this.x.shm.PutImage(drawable, this.gc, {
      totalWidth: width,
      totalHeight: height,
      srcX: 0,
      srcY: 0,
      srcWidth: width,
      srcHeight: height,
      dstX: 0,
      dstY: 0,
      depth: this.x.screen.root_depth,
      format: zPixmap,
      sendEvent: false,
      shmseg: from.xSegment,
      offset: index * width * height * 4,
    });
  }

  /** Pixels to be the background of a window, which the X server then restores by itself. */
  pixmap(size: { width: number; height: number }): number {
    const pixmap = this.x.client.AllocID();
    this.x.client.CreatePixmap(pixmap, this.root, this.x.screen.root_depth, size.width, size.height);
    return pixmap;
  }

  fill(drawable: number, colour: number, ...boxes: readonly Box[]): void {
    this.x.client.ChangeGC(this.gc, { foreground: colour });
    this.x.client.PolyFillRectangle(
      drawable,
      this.gc,
      boxes.flatMap(({ x, y, width, height }) => [x, y, width, height]),
    );
  }

  /** A page of text, dark on light. */
  textPixmap(size: { width: number; height: number }): number {
    const { client } = this.x;
    const pixmap = this.pixmap(size);
    this.fill(pixmap, 0xf6_f5f4, { x: 0, y: 0, width: size.width, height: size.height });
    this.fill(pixmap, 0x3d_3846, { x: 0, y: 0, width: size.width, height: 24 });
    const font = client.AllocID();
    client.OpenFont(font, 'fixed');
    client.ChangeGC(this.gc, { font, foreground: 0x24_1f31, background: 0xf6_f5f4 });
    const columns = Math.floor((size.width - 16) / 6);
    for (let line = 0; 40 + line * lineHeight < size.height; line++) {
      client.ImageText8(pixmap, this.gc, 8, 40 + line * lineHeight, loremLine(line, columns));
    }
    return pixmap;
  }

  paintStrip(window: number, number: number): void {
    this.fill(window, 0, { x: 0, y: 0, width: stripWidth, height: stripHeight });
    const cells = stripOf(number).flatMap((isWhite, cell) =>
      isWhite ? [{ x: cell * cellPx, y: 0, width: cellPx, height: stripHeight }] : [],
    );
    this.fill(window, 0xff_ffff, ...cells.slice(0, stripCells));
  }

  focus(window: number): void {
    this.x.client.SetInputFocus(window, revertToParent);
  }

  /** Resolves when the X server has done everything asked so far. */
  async settled(): Promise<void> {
    await this.x.reply((done) => this.x.client.GetGeometry(this.root, done));
  }
}

const words = 'the desktop is drawn once and seen by whoever looks at it over one port from far or near'.split(' ');

/** The same text each time, with no two lines alike. */
function loremLine(line: number, columns: number): string {
  let text = '';
  for (let word = line * 7; text.length < columns; word += 1 + ((line * 3 + word) % 4))
    text += `${words[word % words.length]} `;
  return text.slice(0, columns);
}
