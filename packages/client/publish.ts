import {
  PublishRuleListSchema,
  PublishRuleSchema,
  type PublishRequest,
  type PublishRule,
} from '@bhatti/wire/control/publish.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

export function publishCalls(api: Api) {
  return {
    list: (caller: Caller, sandbox: string): Promise<PublishRule[]> =>
      api.call(caller, PublishRuleListSchema, { method: 'GET', path: sandboxPath(sandbox, '/publish') }),
    /** A port that is published already keeps its rule. */
    create: (caller: Caller, sandbox: string, request: PublishRequest): Promise<PublishRule> =>
      api.call(caller, PublishRuleSchema, { method: 'POST', path: sandboxPath(sandbox, '/publish'), json: request }),
    async delete(caller: Caller, sandbox: string, port: number): Promise<void> {
      await api.request(caller, { method: 'DELETE', path: sandboxPath(sandbox, `/publish/${port}`) });
    },
  };
}
