import { readWindow, titleLine } from './desktop-window.ts';
import { requestDisplay } from './display-request.ts';
import { parseJsonFlag, runHelper } from './run-helper.ts';

/** `active-window [--json]`: the title of the window that has the focus. That none has it is a result: an empty line, or `null`. */
export function main(args: readonly string[]): Promise<number> {
  return runHelper(async ({ stdout }) => {
    const { json } = parseJsonFlag('active-window', args);
    const reply = await requestDisplay('/windows/active', { okStatuses: [404] });
    const window = reply.status === 404 ? undefined : readWindow(JSON.parse(reply.body.toString('utf8')));
    await stdout.write(json ? `${JSON.stringify(window ?? null)}\n` : `${titleLine(window?.title ?? '')}\n`);
    return 0;
  });
}
