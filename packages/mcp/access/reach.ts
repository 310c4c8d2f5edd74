import { CodedError } from '@bhatti/base/errors.ts';
import type { Caller } from '@bhatti/client/transport.ts';
import type { CreateRequest, Sandbox } from '@bhatti/wire/control/sandbox.ts';

import type { Daemon } from '../daemon.ts';

/** Which sandboxes a server may touch. */
export type Reach =
  /** Those that were made through such a server, told by their label. */
  { readonly kind: 'own' } | { readonly kind: 'named'; readonly names: readonly string[] } | { readonly kind: 'all' };

/** Carried by a sandbox that was made through a server of kind `own`. No tool changes labels, and nothing inside a sandbox can. */
export const ownLabel = { mcp: 'true' } as const;

/**
 * The sandbox that a tool was asked for, as the daemon is to be asked for it; FORBIDDEN when it is out of reach. An own one is looked up at every call, so that
 * taking its label away takes it out of reach, and is answered by its id, which nobody else can come to bear meanwhile.
 */
export async function reachSandbox(
  daemon: Daemon,
  reach: Reach,
  caller: Caller,
  asked: string | undefined,
): Promise<string> {
  const name = asked ?? onlyName(reach);
  if (reach.kind === 'all') return name;
  if (reach.kind === 'named') {
    if (reach.names.includes(name)) return name;
    throw outOfReach(name, `it may use ${reach.names.map((one) => `"${one}"`).join(', ')}`);
  }
  const sandbox = await daemon.sandboxes.get(caller, name);
  if (isOwn(sandbox)) return sandbox.id;
  throw outOfReach(name, 'it may use those that it created', {
    hint: `to let it use this one, start it with: bhatti mcp --sandbox ${sandbox.name}`,
  });
}

export async function listReachable(daemon: Daemon, reach: Reach, caller: Caller): Promise<Sandbox[]> {
  if (reach.kind === 'own') return daemon.sandboxes.list(caller, ownLabel);
  const every = await daemon.sandboxes.list(caller);
  if (reach.kind === 'all') return every;
  return every.filter(({ id, name }) => reach.names.includes(name) || reach.names.includes(id));
}

/** What may be created: of named sandboxes only those, of own ones such as carry the label. */
export function creatable(reach: Reach, request: CreateRequest): CreateRequest {
  if (reach.kind === 'own') return { ...request, labels: { ...request.labels, ...ownLabel } };
  if (reach.kind === 'all') return request;
  const name = request.name ?? (reach.names.length === 1 ? reach.names[0] : undefined);
  if (name === undefined || !reach.names.includes(name))
    throw outOfReach(name ?? '', `it may create ${reach.names.map((one) => `"${one}"`).join(', ')}`);
  return { ...request, name };
}

export function isOwn(sandbox: Sandbox): boolean {
  return sandbox.labels['mcp'] === ownLabel.mcp;
}

function onlyName(reach: Reach): string {
  const name = reach.kind === 'named' && reach.names.length === 1 ? reach.names[0] : undefined;
  if (name !== undefined) return name;
  throw new CodedError('INVALID_ARGUMENT', 'invalid arguments: "sandbox": must be given', { argument: 'sandbox' });
}

export function outOfReach(name: string, why: string, options: { hint?: string } = {}): CodedError {
  const reason = `this server may not use sandbox "${name}"`;
  return new CodedError('FORBIDDEN', `${reason}: ${why}`, { reason }, options);
}
