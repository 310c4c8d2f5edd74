import {
  UserCreatedSchema,
  UserListSchema,
  type User,
  type UserCreated,
  type UserCreateRequest,
} from '@bhatti/wire/control/user.ts';

import type { Api } from './api.ts';
import type { Caller } from './transport.ts';

/** Owners of sandboxes, and their API keys. For root and group `bhatti` only. */
export function userCalls(api: Api) {
  return {
    list: (caller: Caller): Promise<User[]> => api.call(caller, UserListSchema, { method: 'GET', path: '/users' }),
    /** The reply is the only place where the key ever appears. */
    create: (caller: Caller, request: UserCreateRequest): Promise<UserCreated> =>
      api.call(caller, UserCreatedSchema, { method: 'POST', path: '/users', json: request }),
    async delete(caller: Caller, name: string): Promise<void> {
      await api.request(caller, { method: 'DELETE', path: `/users/${encodeURIComponent(name)}` });
    },
  };
}
