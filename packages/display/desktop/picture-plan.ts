import type { Rect } from '@bhatti/rfb/rect.ts';
import type { PictureLabel } from '../encode/label-overlay.ts';

/** What of the screen a picture shows, and how large. */
export interface PictureWish {
  /** In pixels of the screen, within it; the whole screen without it. */
  readonly region?: Rect;
  /** Largest width and height; the picture keeps its proportions and is never enlarged. */
  readonly fit?: { readonly width: number; readonly height: number };
  /** Drawn on top, in pixels of the screen. */
  readonly labels?: readonly PictureLabel[];
  /** Of the region's size. */
  readonly scale?: number;
}

export interface PicturePlan {
  readonly rect: Rect;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The part of a frame and the size of the picture for a wish. */
export function planPicture(
  frame: { readonly width: number; readonly height: number },
  wish: PictureWish,
): PicturePlan {
  const rect = wish.region ?? { x: 0, y: 0, width: frame.width, height: frame.height };
  const { fit, scale = 1 } = wish;
  const fitting = fit === undefined ? 1 : Math.min(fit.width / rect.width, fit.height / rect.height);
  const ratio = Math.min(1, scale, fitting);
  return {
    rect,
    widthPx: Math.max(1, Math.round(rect.width * ratio)),
    heightPx: Math.max(1, Math.round(rect.height * ratio)),
  };
}
