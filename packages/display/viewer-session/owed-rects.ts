import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import { DesktopSizeReason, DesktopSizeStatus } from '@bhatti/rfb/numbers.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import {
  encodeCursorRect,
  encodeCursorWithAlphaRect,
  encodeExtendedMouseButtonsRect,
  encodeQemuKeyEventRect,
  encodeQemuLedStateRect,
  encodeVmwareCursorRect,
  encodeVmwareLedStateRect,
  encodeDesktopSizeRect,
  encodeExtendedDesktopSizeRect,
} from '@bhatti/rfb/pseudo-rects.ts';
import type { DesktopLayout } from '../resize/resizer.ts';
import { noAbilities, type ViewerAbilities } from './abilities.ts';

/** What rects without pixels are made from. */
export interface OwedSources {
  readonly abilities: ViewerAbilities;
  readonly format: PixelFormat;
  /** Undefined while it is being fetched; the session then hears of it. */
  readonly cursor: CursorShape | undefined;
  readonly leds: number;
}

/** The rects without pixels that a viewer is still to be sent. What it was told once is told again only when it changed. */
export class OwedRects {
  #told: ViewerAbilities = noAbilities;
  #cursorTold: CursorShape | undefined;
  #ledsTold: number | undefined;

  /** Encodings were set anew. The cursor depends on them and on the pixel format. */
  forgetCursor(): void {
    this.#cursorTold = undefined;
  }

  /** The rects that are due now; calling this counts as sending them. */
  take(sources: OwedSources): Uint8Array[] {
    const { abilities, format, cursor, leds } = sources;
    const rects: Uint8Array[] = [];
    if (abilities.qemuKeys && !this.#told.qemuKeys) rects.push(encodeQemuKeyEventRect());
    if (abilities.extendedMouseButtons && !this.#told.extendedMouseButtons) {
      rects.push(encodeExtendedMouseButtonsRect());
    }
    if (abilities.leds !== undefined && this.#ledsTold !== leds) {
      rects.push(abilities.leds === 'qemu' ? encodeQemuLedStateRect(leds) : encodeVmwareLedStateRect(leds));
      this.#ledsTold = leds;
    }
    if (abilities.cursor !== undefined && cursor !== undefined && cursor !== this.#cursorTold) {
      rects.push(cursorRect(abilities.cursor, cursor, format));
      this.#cursorTold = cursor;
    }
    this.#told = abilities;
    return rects;
  }
}

function cursorRect(kind: 'vmware' | 'withAlpha' | 'plain', cursor: CursorShape, format: PixelFormat): Uint8Array {
  switch (kind) {
    case 'vmware':
      return encodeVmwareCursorRect(cursor);
    case 'withAlpha':
      return encodeCursorWithAlphaRect(cursor);
    case 'plain':
      return encodeCursorRect(cursor, format);
  }
}

/** A news of the desktop's size that a viewer is still to be told. */
export type SizeNews =
  | { readonly kind: 'layout'; readonly layout: DesktopLayout; readonly reason: DesktopSizeReason }
  | { readonly kind: 'refused'; readonly layout: DesktopLayout; readonly status: DesktopSizeStatus };

/** The rect that tells it; undefined for a viewer that knows no such thing. */
export function sizeRect(news: SizeNews, abilities: ViewerAbilities): Uint8Array | undefined {
  const { layout } = news;
  if (abilities.extendedDesktopSize) {
    const told =
      news.kind === 'layout'
        ? { reason: news.reason, status: DesktopSizeStatus.noError }
        : { reason: DesktopSizeReason.client, status: news.status };
    return encodeExtendedDesktopSizeRect({ ...layout, ...told });
  }
  if (news.kind === 'layout' && abilities.desktopSize) return encodeDesktopSizeRect(layout.width, layout.height);
  return undefined;
}
