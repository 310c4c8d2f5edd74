import { DesktopStatusSchema, type DesktopStatus } from '@bhatti/wire/display/control.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

export function desktopCalls(api: Api) {
  return {
    status: (caller: Caller, sandbox: string): Promise<DesktopStatus> =>
      api.call(caller, DesktopStatusSchema, { method: 'GET', path: sandboxPath(sandbox, '/desktop') }),
    /** Answers when the desktop is drawn; DISPLAY_UNAVAILABLE or TIMED_OUT otherwise. */
    waitDrawn: (caller: Caller, sandbox: string, timeoutMs: number): Promise<DesktopStatus> =>
      api.call(caller, DesktopStatusSchema, {
        method: 'GET',
        path: sandboxPath(sandbox, `/desktop?wait=drawn&timeoutMs=${timeoutMs}`),
      }),
  };
}
