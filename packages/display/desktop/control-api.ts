import { CodedError, describe, toCodedError } from '@bhatti/base/errors.ts';
import { requestTarget } from '../transport/request-target.ts';
import type { DesktopStatus, DesktopWindow, Screen } from '@bhatti/wire/display/control.ts';
import { Space } from '../action/space.ts';
import type { PictureWish } from './picture-plan.ts';
import { encodeError } from '@bhatti/wire/error.ts';

export interface ScreenshotWish extends PictureWish {
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly quality: number;
  readonly withCursor: boolean;
}

export interface Screenshot {
  readonly bytes: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameSerial: number;
}

/** What the control API is about. */
export interface ControlledDesktop {
  status(): DesktopStatus;
  waitUntilDrawn(timeoutMs: number): Promise<void>;
  screen(): Screen;
  screenshot(wish: ScreenshotWish): Promise<Screenshot>;
  windows(): Promise<DesktopWindow[]>;
  activeWindow(): Promise<DesktopWindow | undefined>;
}

const longestWaitMs = 600_000;
const defaultWaitMs = 30_000;

/** Answers a request of the control API (`wire/display/control.ts`); undefined when the path is not one of its own. Errors are answers too. */
export async function answerControl(
  desktop: ControlledDesktop,
  request: Request,
  path: string,
): Promise<Response | undefined> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return undefined;
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new CodedError('INVALID_ARGUMENT', `cannot ${request.method} "${path}": it is only read`, {
        argument: 'method',
      });
    }
    return await route(desktop, requestTarget(request).query);
  } catch (error) {
    return errorResponse(error);
  }
}

export function errorResponse(error: unknown): Response {
  const coded = toCodedError(error);
  if (coded.code === 'INTERNAL') console.error(`request failed: ${describe(coded.cause ?? coded)}`);
  return Response.json(encodeError(coded), { status: coded.spec.http });
}

type Route = (desktop: ControlledDesktop, query: URLSearchParams) => Promise<Response> | Response;

const routes: Readonly<Record<string, Route>> = {
  async '/status'(desktop, query) {
    const wait = query.get('wait');
    if (wait !== null && wait !== 'drawn') throw wrong('wait', wait, '"drawn"');
    if (wait === 'drawn') {
      await desktop.waitUntilDrawn(
        integerOf(query, 'timeoutMs', { min: 0, max: longestWaitMs, fallback: defaultWaitMs }),
      );
    }
    return Response.json(desktop.status());
  },
  '/screen': (desktop) => Response.json(desktop.screen()),
  async '/screenshot'(desktop, query) {
    const format = formatOf(query.get('format') ?? 'png');
    const quality = integerOf(query, 'quality', { min: 1, max: 100, fallback: 80 });
    const cursor = query.get('cursor') ?? '0';
    if (cursor !== '0' && cursor !== '1') throw wrong('cursor', cursor, '0 or 1');
    const { bytes, frameSerial } = await desktop.screenshot({
      format,
      quality,
      withCursor: cursor === '1',
      ...partOf(query, desktop.screen()),
    });
    return pictureResponse(bytes, format, { 'X-Frame-Serial': String(frameSerial) });
  },
  '/windows': async (desktop) => Response.json(await desktop.windows()),
  async '/windows/active'(desktop) {
    const window = await desktop.activeWindow();
    if (window === undefined) throw new CodedError('NOT_FOUND', 'no window is active', { path: '/windows/active' });
    return Response.json(window);
  },
};

export function pictureResponse(
  bytes: Uint8Array,
  format: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // SAFETY: the bytes came out of a worker's message, which never carries shared memory; the types cannot tell.
  const body = bytes as Uint8Array<ArrayBuffer>;
  return new Response(body, {
    headers: { 'Content-Type': `image/${format}`, 'Cache-Control': 'no-store', ...headers },
  });
}

export function integerOf(
  query: URLSearchParams,
  name: string,
  range: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = query.get(name);
  if (text === null) return range.fallback;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(number) || number < range.min || number > range.max) {
    throw wrong(name, text, `a whole number from ${range.min} to ${range.max}`);
  }
  return number;
}

/** `region=left,top,right,bottom`, `fit=WIDTHxHEIGHT`, `scale=0.5`. */
function partOf(query: URLSearchParams, screen: Screen): PictureWish {
  const region = query.get('region');
  const fit = query.get('fit');
  const scale = query.get('scale');
  const [left, top, right, bottom] = numbersOf('region', region, ',', 4);
  const [width, height] = numbersOf('fit', fit, 'x', 2);
  if (scale !== null && !(Number(scale) >= 0.01 && Number(scale) <= 1)) throw wrong('scale', scale, 'from 0.01 to 1');
  return {
    ...(left === undefined || top === undefined || right === undefined || bottom === undefined
      ? {}
      : { region: new Space(screen, undefined).toScreenRect([left, top, right, bottom]) }),
    ...(width === undefined || height === undefined ? {} : { fit: { width, height } }),
    ...(scale === null ? {} : { scale: Number(scale) }),
  };
}

function numbersOf(name: string, text: string | null, separator: string, count: number): readonly number[] {
  if (text === null) return [];
  const numbers = text.split(separator).map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : NaN));
  if (numbers.length === count && numbers.every((number) => !Number.isNaN(number))) {
    if (name !== 'fit' || numbers.every((number) => number > 0)) return numbers;
  }
  throw wrong(name, text, `${count} whole numbers with "${separator}" between them`);
}

function formatOf(text: string): ScreenshotWish['format'] {
  if (text === 'png' || text === 'jpeg' || text === 'webp') return text;
  if (text === 'jpg') return 'jpeg';
  throw wrong('format', text, 'png, jpeg or webp');
}

function wrong(argument: string, value: string, wanted: string): CodedError<'INVALID_ARGUMENT'> {
  const message = `cannot use ${argument} "${value.slice(0, 40)}": it must be ${wanted}`;
  return new CodedError('INVALID_ARGUMENT', message, { argument, value });
}
