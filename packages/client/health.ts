import { HealthSchema, type Health } from '@bhatti/wire/control/health.ts';

import type { Api } from './api.ts';
import type { Caller } from './transport.ts';

export function healthCalls(api: Api) {
  return {
    get: (caller: Caller): Promise<Health> => api.call(caller, HealthSchema, { method: 'GET', path: '/health' }),
  };
}
