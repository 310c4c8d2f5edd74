import type { Screen } from '@bhatti/wire/display/control.ts';
import { requestDisplayJson } from './display-request.ts';
import { parseJsonFlag, runHelper } from './run-helper.ts';

/** `screen-size [--json]`: the desktop's size now, as `1280x720`. */
export function main(args: readonly string[]): Promise<number> {
  return runHelper(async ({ stdout }) => {
    const { json } = parseJsonFlag('screen-size', args);
    const screen = await requestDisplayJson('/screen', readScreen);
    await stdout.write(json ? `${JSON.stringify(screen)}\n` : `${screen.width}x${screen.height}\n`);
    return 0;
  });
}

function readScreen(value: unknown): Screen | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { width, height, depth } = value as Partial<Record<string, unknown>>; // SAFETY: every field is looked at below.
  if (typeof width !== 'number' || typeof height !== 'number' || typeof depth !== 'number') return undefined;
  return { width, height, depth };
}
