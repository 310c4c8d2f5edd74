import { CodedError } from '@bhatti/base/errors.ts';
import { randomHex } from '@bhatti/base/ids.ts';
import { UserCreateRequestSchema, type User } from '@bhatti/wire/control/user.ts';
import type { UserRow } from '../store/users.ts';
import { hashOfKey, newApiKey } from './auth.ts';
import type { ApiContext } from './context.ts';
import { needAdmin, readBody, sendJson, sendNothing, type ApiExchange } from './exchange.ts';

export async function listUsers(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'list users');
  sendJson(exchange, 200, context.parts.store.users.all().map(viewUser));
}

export async function postUser(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'create a user');
  const request = await readBody(exchange, UserCreateRequestSchema, 'user request');
  const { users } = context.parts.store;
  // `local` is the owner of what is made on the machine itself.
  if (request.name === 'local' || users.byName(request.name) !== undefined)
    throw new CodedError('ALREADY_EXISTS', `cannot create user "${request.name}": the name is in use`, {
      what: 'user',
      name: request.name,
    });
  const key = newApiKey();
  const user: UserRow = {
    id: `u_${randomHex(6)}`,
    name: request.name,
    keyHash: hashOfKey(key),
    maxSandboxes: request.max_sandboxes ?? context.defaultLimits.maxSandboxes,
    maxCpus: request.max_cpus ?? context.defaultLimits.maxCpus,
    maxMemoryMib: request.max_memory_mb ?? context.defaultLimits.maxMemoryMib,
    createdAt: context.parts.now().toISOString(),
  };
  users.insert(user);
  sendJson(exchange, 201, { ...viewUser(user), api_key: key });
}

export async function deleteUser(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'delete a user');
  const user = findUser(context, exchange);
  const owned = context.parts.registry.all().filter((entry) => entry.row.owner === user.id);
  if (owned.length > 0)
    throw new CodedError(
      'LOCKED',
      `cannot delete user "${user.name}": ${owned.length} sandboxes are theirs`,
      { what: `user ${user.name}` },
      { hint: `destroy them first: ${owned.map((entry) => entry.row.name).join(' ')}` },
    );
  context.parts.store.users.delete(user.id);
  sendNothing(exchange);
}

/** The old key ends with this reply. */
export async function rotateKey(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'make a new key');
  const user = findUser(context, exchange);
  const key = newApiKey();
  context.parts.store.users.setKeyHash(user.id, hashOfKey(key));
  sendJson(exchange, 200, { ...viewUser(user), api_key: key });
}

function findUser(context: ApiContext, exchange: ApiExchange): UserRow {
  const name = exchange.params['name'] ?? '';
  const user = context.parts.store.users.byName(name);
  if (user === undefined) throw new CodedError('NOT_FOUND', `user "${name}" not found`, { path: `/users/${name}` });
  return user;
}

function viewUser(user: UserRow): User {
  return {
    id: user.id,
    name: user.name,
    max_sandboxes: user.maxSandboxes,
    max_cpus: user.maxCpus,
    max_memory_mb: user.maxMemoryMib,
    created_at: user.createdAt,
  };
}
