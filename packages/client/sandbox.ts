import {
  SandboxListSchema,
  SandboxSchema,
  type CreateRequest,
  type EditRequest,
  type Sandbox,
} from '@bhatti/wire/control/sandbox.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

/** A created sandbox, or the one that had the name already. */
export interface Created {
  readonly sandbox: Sandbox;
  readonly isExisting: boolean;
}

/** Sandboxes; `sandbox` is an id or a name everywhere. */
export function sandboxCalls(api: Api) {
  const act = (action: string) => (caller: Caller, sandbox: string) =>
    api.call(caller, SandboxSchema, { method: 'POST', path: sandboxPath(sandbox, `/${action}`) });
  return {
    async create(caller: Caller, request: CreateRequest): Promise<Created> {
      const response = await api.request(caller, {
        method: 'POST',
        path: '/sandboxes',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      const sandbox = await api.decode(SandboxSchema, await api.text(response));
      return { sandbox, isExisting: response.headers.get('x-bhatti-existing') === 'true' };
    },
    /** `labels`: only those that carry all of them. */
    list(caller: Caller, labels: Readonly<Record<string, string>> = {}): Promise<Sandbox[]> {
      const query = Object.entries(labels).map(([key, value]) => `label=${encodeURIComponent(`${key}=${value}`)}`);
      const path = query.length === 0 ? '/sandboxes' : `/sandboxes?${query.join('&')}`;
      return api.call(caller, SandboxListSchema, { method: 'GET', path });
    },
    get: (caller: Caller, sandbox: string) =>
      api.call(caller, SandboxSchema, { method: 'GET', path: sandboxPath(sandbox) }),
    edit: (caller: Caller, sandbox: string, change: EditRequest) =>
      api.call(caller, SandboxSchema, { method: 'PATCH', path: sandboxPath(sandbox), json: change }),
    start: act('start'),
    stop: act('stop'),
    pause: act('pause'),
    resume: act('resume'),
    async destroy(caller: Caller, sandbox: string): Promise<void> {
      await api.request(caller, { method: 'DELETE', path: sandboxPath(sandbox) });
    },
  };
}
