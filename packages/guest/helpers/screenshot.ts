import { CodedError } from '@bhatti/base/errors.ts';
import { requestDisplay } from './display-request.ts';
import { runHelper } from './run-helper.ts';
import { parseScreenshotArgs, screenshotUsage, type ScreenshotRequest } from './screenshot-args.ts';
import { writeWhole } from './write-whole.ts';

/** `screenshot`: the desktop as it is now, to a file, or as base64 or bytes to stdout. */
export function main(args: readonly string[]): Promise<number> {
  return runHelper(async ({ stdout }) => {
    if (args.includes('--help') || args.includes('-h')) {
      await stdout.write(screenshotUsage);
      return 0;
    }
    const request = parseScreenshotArgs(args);
    const picture = await takePicture(request);
    if (request.to.kind === 'base64') await stdout.write(picture.toString('base64'));
    else if (request.to.kind === 'bytes') await stdout.write(picture);
    else {
      writeWhole(request.to.path, picture);
      await stdout.write(`${request.to.path}\n`);
    }
    return 0;
  });
}

async function takePicture(request: ScreenshotRequest): Promise<Buffer> {
  const query = new URLSearchParams({ format: request.format, cursor: request.cursor ? '1' : '0' });
  if (request.quality !== undefined) query.set('quality', String(request.quality));
  const { body } = await requestDisplay(`/screenshot?${query.toString()}`);
  if (body.length > 0) return body;
  throw new CodedError('PROTOCOL_VIOLATION', 'the display server sent an empty picture', { peer: 'display server' });
}
