import type { Api } from '@bhatti/client/api.ts';
import { desktopCalls } from '@bhatti/client/desktop.ts';
import { execCalls } from '@bhatti/client/exec.ts';
import { fileCalls } from '@bhatti/client/files.ts';
import { publishCalls } from '@bhatti/client/publish.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';

/** What the tools ask of the daemon. */
export type Daemon = ReturnType<typeof daemonOf>;

export function daemonOf(api: Api) {
  return {
    sandboxes: sandboxCalls(api),
    exec: execCalls(api),
    files: fileCalls(api),
    publish: publishCalls(api),
    desktop: desktopCalls(api),
  };
}
