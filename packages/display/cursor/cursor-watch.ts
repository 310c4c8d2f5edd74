import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import type { XCursorImage } from 'x11';
import type { XConnection } from '../source/x-connection.ts';

/** The pointer's shape, and where it was when that was asked. */
export interface PointerPicture {
  readonly shape: CursorShape;
  readonly x: number;
  readonly y: number;
}

/** The shape of the pointer. X tells that it changed; the pixels are fetched when somebody looks. */
export class CursorWatch {
  readonly #x: XConnection;
  readonly #onChanged: () => void;
  #shape: CursorShape | undefined;
  #isStale = true;
  #fetching: Promise<PointerPicture> | undefined;

  constructor(x: XConnection, onChanged: () => void) {
    this.#x = x;
    this.#onChanged = onChanged;
    x.fixes.SelectCursorInput(x.screen.root, x.fixes.CursorNotifyMask.DisplayCursor);
    x.onEvent((event) => {
      if (event.name !== 'CursorNotify') return;
      this.#isStale = true;
      onChanged();
    });
  }

  /** The newest known shape; undefined while it has to be fetched, which this begins: `onChanged` follows. */
  get shape(): CursorShape | undefined {
    if (!this.#isStale) return this.#shape;
    void this.fetch().then(
      () => this.#onChanged(),
      () => {}, // expected: the X server is gone, and all else ends with it
    );
    return undefined;
  }

  /** Shape and position, now. */
  async fetch(): Promise<PointerPicture> {
    this.#fetching ??= this.#fetch();
    try {
      return await this.#fetching;
    } finally {
      this.#fetching = undefined;
    }
  }

  async #fetch(): Promise<PointerPicture> {
    this.#isStale = false;
    const image = await this.#x.reply<XCursorImage>((done) => this.#x.fixes.GetCursorImage(done));
    const { width, height, xhot, yhot } = image;
    this.#shape = { width, height, hotX: xhot, hotY: yhot, rgba: straightRgba(image.cursorImage) };
    return { shape: this.#shape, x: image.x, y: image.y };
  }
}

/** XFIXES gives ARGB words with alpha multiplied into the colours; viewers want R, G, B, A without. */
export function straightRgba(argb: Uint8Array): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(argb.length);
  for (let i = 0; i + 3 < argb.length; i += 4) {
    const alpha = argb[i + 3] ?? 0;
    if (alpha === 0) continue;
    rgba[i] = Math.min(255, Math.round(((argb[i + 2] ?? 0) * 255) / alpha));
    rgba[i + 1] = Math.min(255, Math.round(((argb[i + 1] ?? 0) * 255) / alpha));
    rgba[i + 2] = Math.min(255, Math.round(((argb[i] ?? 0) * 255) / alpha));
    rgba[i + 3] = alpha;
  }
  return rgba;
}
