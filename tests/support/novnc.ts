// noVNC's own code outside of a browser, where the smallest display stands for the canvas.
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { decompressJpeg } from '@bhatti/sys/native/turbojpeg.ts';

const novnc = '../../node_modules/@novnc/novnc/core';

/** What noVNC's decoders call of its Display, on a picture of 0x00RRGGBB. */
export class PictureDisplay {
  readonly width: number;
  readonly words: Int32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.words = new Int32Array(width * height);
  }

  fillRect(
    x: number,
    y: number,
    w: number,
    h: number,
    [red = 0, green = 0, blue = 0]: ArrayLike<number> & Iterable<number>,
  ) {
    this.#paint(x, y, w, h, () => (red << 16) | (green << 8) | blue);
  }

  blitImage(x: number, y: number, w: number, h: number, rgba: ArrayLike<number>, offset: number) {
    this.#paint(x, y, w, h, (i) => {
      const at = offset + i * 4;
      return ((rgba[at] ?? 0) << 16) | ((rgba[at + 1] ?? 0) << 8) | (rgba[at + 2] ?? 0);
    });
  }

  imageRect(x: number, y: number, w: number, h: number, mime: string, data: Uint8Array) {
    const { bgrx, widthPx, heightPx } = decompressJpeg(data, this.words.length);
    if (mime !== 'image/jpeg' || widthPx !== w || heightPx !== h)
      throw new Error(`${mime} of ${widthPx} × ${heightPx} pixels`);
    this.#paint(x, y, w, h, (i) => ((bgrx[i * 4 + 2] ?? 0) << 16) | ((bgrx[i * 4 + 1] ?? 0) << 8) | (bgrx[i * 4] ?? 0));
  }

  copyImage(oldX: number, oldY: number, x: number, y: number, w: number, h: number) {
    const before = this.words.slice();
    this.#paint(x, y, w, h, (i) => before[(oldY + Math.floor(i / w)) * this.width + oldX + (i % w)] ?? 0);
  }

  #paint(x: number, y: number, w: number, h: number, colourAt: (i: number) => number) {
    for (let i = 0; i < w * h; i++) this.words[(y + Math.floor(i / w)) * this.width + x + (i % w)] = colourAt(i);
  }
}

export interface NovncSocket {
  attach(channel: object): void;
  rQlen(): number;
  _recvMessage(event: { data: ArrayBuffer }): void;
}

export interface NovncDecoder {
  decodeRect(
    x: number,
    y: number,
    w: number,
    h: number,
    sock: NovncSocket,
    display: PictureDisplay,
    depth: number,
  ): boolean;
}

/** noVNC's Websock and its decoders by encoding number, the modules being untyped scripts that look for a `window`. */
export async function openNovnc(): Promise<{ socket: NovncSocket; decoders: ReadonlyMap<number, NovncDecoder> }> {
  Object.assign(globalThis, { window: globalThis });
  const load = async (path: string) => {
    // SAFETY: each module of noVNC's core has its one class as default export.
    const module = (await import(`${novnc}/${path}.js`)) as { default: new () => unknown };
    return new module.default();
  };
  // SAFETY: the class is noVNC's Websock, of which these are the methods that are used here.
  const socket = (await load('websock')) as NovncSocket;
  const names: [number, string][] = [
    [Encoding.raw, 'raw'],
    [Encoding.copyRect, 'copyrect'],
    [Encoding.tight, 'tight'],
    [Encoding.zrle, 'zrle'],
  ];
  const decoders = new Map<number, NovncDecoder>();
  for (const [encoding, name] of names) {
    // SAFETY: every class in noVNC's decoders/ has this method.
    decoders.set(encoding, (await load(`decoders/${name}`)) as NovncDecoder);
  }
  const channel = { binaryType: 'arraybuffer', protocol: '', readyState: 'open', send() {}, close() {} };
  socket.attach({ ...channel, onopen: null, onmessage: null, onerror: null, onclose: null });
  return { socket, decoders };
}
