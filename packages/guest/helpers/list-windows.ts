import { readWindows, titleLine } from './desktop-window.ts';
import { requestDisplayJson } from './display-request.ts';
import { parseJsonFlag, runHelper } from './run-helper.ts';

/** `list-windows [--json]`: `<decimal id> <title>` a line, front to back. Ids are X's own, so `xdotool` takes them. */
export function main(args: readonly string[]): Promise<number> {
  return runHelper(async ({ stdout }) => {
    const { json } = parseJsonFlag('list-windows', args);
    const windows = await requestDisplayJson('/windows', readWindows);
    const lines = windows
      .map((window) => ({ id: window.id, title: titleLine(window.title) }))
      .filter((window) => window.title !== '')
      .map((window) => `${window.id} ${window.title}\n`);
    await stdout.write(json ? `${JSON.stringify(windows)}\n` : lines.join(''));
    return 0;
  });
}
