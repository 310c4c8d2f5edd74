import type { PictureFormat, Size } from '@bhatti/wire/display/action.ts';

import { mustTextAt, numbersAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import { largestFit, type PictureLimit } from '../../picture-limit.ts';
import type { Place } from './mouse.ts';
import { evaluate } from './page-world.ts';

/** What a tab shows of its page. */
export interface Viewport {
  /** In CSS pixels. */
  readonly size: Size;
  /** Where in the page its left top corner is. */
  readonly scrolled: Place;
  /** Pixels of the screen in one of CSS. */
  readonly ratio: number;
  /** Of the picture that the model gets, whose pixels its coordinates are. */
  readonly picture: Size;
}

export interface BrowserPicture {
  readonly format: PictureFormat;
  readonly quality: number | undefined;
}

const measure = '[innerWidth, innerHeight, scrollX, scrollY, devicePixelRatio]';

export async function viewportOf(session: CdpSession, frameId: string, limit: PictureLimit): Promise<Viewport> {
  const [width = 0, height = 0, x = 0, y = 0, ratio = 1] = numbersAt(await evaluate(session, frameId, measure));
  const size = { width: Math.max(1, width), height: Math.max(1, height) };
  return { size, scrolled: { x, y }, ratio: ratio > 0 ? ratio : 1, picture: largestFit(size, limit) };
}

/** A coordinate of the model's, in CSS pixels. */
export function placeIn({ size, picture }: Viewport, x: number, y: number): Place {
  return { x: (x * size.width) / picture.width, y: (y * size.height) / picture.height };
}

/** The whole viewport, base64. */
export async function takePicture(session: CdpSession, viewport: Viewport, how: BrowserPicture): Promise<string> {
  const { size, scrolled, ratio, picture } = viewport;
  const isWhole = ratio === 1 && picture.width === size.width && picture.height === size.height;
  if (isWhole) return capture(session, how);
  return capture(session, how, { ...scrolled, ...size, scale: scaleTo(picture, size, ratio) });
}

/** A part of it, given in the model's pixels, as large as the model takes it: text is drawn anew at that size. */
export async function takeZoom(
  session: CdpSession,
  viewport: Viewport,
  region: readonly [number, number, number, number],
  limit: PictureLimit,
  how: BrowserPicture,
): Promise<string> {
  const from = placeIn(viewport, region[0], region[1]);
  const to = placeIn(viewport, region[2], region[3]);
  const size = { width: to.x - from.x, height: to.y - from.y };
  // As large as the usual picture on its longer side, and within the limit whatever its proportions.
  const side = Math.max(viewport.picture.width, viewport.picture.height) / Math.max(size.width, size.height);
  const enlarged = largestFit({ width: size.width * side, height: size.height * side }, limit);
  const clip = { x: viewport.scrolled.x + from.x, y: viewport.scrolled.y + from.y, ...size };
  return capture(session, how, { ...clip, scale: scaleTo(enlarged, size, viewport.ratio) });
}

function scaleTo(picture: Size, size: Size, ratio: number): number {
  return Math.min(picture.width / size.width, picture.height / size.height) / ratio;
}

interface Clip extends Place, Size {
  readonly scale: number;
}

async function capture(session: CdpSession, { format, quality }: BrowserPicture, clip?: Clip): Promise<string> {
  const reply = await session.send('Page.captureScreenshot', {
    format,
    ...(quality === undefined || format === 'png' ? {} : { quality }),
    ...(clip === undefined ? {} : { clip: { ...clip } }),
  });
  return mustTextAt(reply, 'data');
}
