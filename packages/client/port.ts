import { ListeningPortListSchema, type ListeningPort } from '@bhatti/wire/control/port.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

export function portCalls(api: Api) {
  return {
    /** TCP ports that something listens on in the sandbox. */
    list: (caller: Caller, sandbox: string): Promise<ListeningPort[]> =>
      api.call(caller, ListeningPortListSchema, { method: 'GET', path: sandboxPath(sandbox, '/ports') }),
  };
}
