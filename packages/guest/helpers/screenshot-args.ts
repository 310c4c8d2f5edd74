import { CodedError } from '@bhatti/base/errors.ts';
import { usageError } from './run-helper.ts';

export type PictureFormat = 'png' | 'jpeg' | 'webp';

export interface ScreenshotRequest {
  readonly to:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'base64' }
    | { readonly kind: 'bytes' };
  readonly format: PictureFormat;
  /** 1-100; unset leaves it to the server. */
  readonly quality: number | undefined;
  readonly cursor: boolean;
}

export const screenshotUsage = `usage: screenshot [PATH] [--base64] [--format png|jpg|webp] [--quality 1-100] [--cursor]

Saves a picture of the desktop to PATH (default /tmp/screen.png) and prints the path. The type follows PATH unless --format says otherwise.
  -          writes the picture itself to stdout
  --base64   writes it to stdout as base64, on one line without an end
  --cursor   draws the mouse cursor into it
`;

const defaultPath = '/tmp/screen.png';
const shortUsage = 'screenshot [PATH|-] [--base64] [--format png|jpg|webp] [--quality 1-100] [--cursor]';
const formats: Readonly<Record<string, PictureFormat>> = { png: 'png', jpg: 'jpeg', jpeg: 'jpeg', webp: 'webp' };

/** Options in any order; values as `--format jpg` or `--format=jpg`. Throws USAGE or INVALID_ARGUMENT. */
export function parseScreenshotArgs(args: readonly string[]): ScreenshotRequest {
  let path: string | undefined;
  let base64 = false;
  let cursor = false;
  let format: PictureFormat | undefined;
  let quality: number | undefined;
  const rest = args.flatMap((arg) => (/^--(format|quality)=/.test(arg) ? splitOnce(arg) : [arg]));
  while (rest.length > 0) {
    const arg = rest.shift() ?? '';
    if (arg === '--base64') base64 = true;
    else if (arg === '--cursor') cursor = true;
    else if (arg === '--format') format = parseFormat(valueOf(arg, rest));
    else if (arg === '--quality') quality = parseQuality(valueOf(arg, rest));
    else if (arg.startsWith('-') && arg !== '-') throw usageError('screenshot', `unknown option "${arg}"`, shortUsage);
    else if (path !== undefined)
      throw usageError('screenshot', `more than one path: "${path}" and "${arg}"`, shortUsage);
    else path = arg;
  }
  if (base64 && path !== undefined && path !== '-')
    throw usageError('screenshot', '--base64 writes to stdout and takes no path', shortUsage);
  if (base64) return { to: { kind: 'base64' }, format: format ?? 'png', quality, cursor };
  if (path === '-') return { to: { kind: 'bytes' }, format: format ?? 'png', quality, cursor };
  const target = path ?? (format === undefined || format === 'png' ? defaultPath : `/tmp/screen.${shortName(format)}`);
  return { to: { kind: 'file', path: target }, format: format ?? formatOfPath(target), quality, cursor };
}

function splitOnce(arg: string): [string, string] {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}

function valueOf(option: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw usageError('screenshot', `${option} needs a value`, shortUsage);
  return value;
}

function parseFormat(value: string): PictureFormat {
  const format = formats[value.toLowerCase()];
  if (format !== undefined) return format;
  throw new CodedError('INVALID_ARGUMENT', `unknown picture format "${value}": known are png, jpg, jpeg and webp`, {
    argument: '--format',
    value,
  });
}

function parseQuality(value: string): number {
  const quality = Number(value);
  if (/^\d+$/.test(value) && quality >= 1 && quality <= 100) return quality;
  throw new CodedError('INVALID_ARGUMENT', `invalid quality "${value}": must be a whole number from 1 to 100`, {
    argument: '--quality',
    value,
  });
}

/** A name without an extension gets PNG; one with an extension that is not a picture's is a mistake rather than a wish. */
function formatOfPath(path: string): PictureFormat {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? 'png' : parseFormat(name.slice(dot + 1));
}

function shortName(format: PictureFormat): string {
  return format === 'jpeg' ? 'jpg' : format;
}
