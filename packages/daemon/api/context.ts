import { hasCode } from '@bhatti/base/errors.ts';
import type { ImageStore } from '@bhatti/engine/image/store.ts';
import { urlOf, type PublishZone } from '../publish/url.ts';
import type { SandboxEntry } from '../sandbox/entry.ts';
import { noticeEnded } from '../sandbox/idle.ts';
import type { SandboxParts } from '../sandbox/parts.ts';
import { viewSandbox } from '../sandbox/view.ts';
import { awake, type WakeReach } from '../sandbox/wake.ts';
import type { UserLimits } from '../store/users.ts';
import type { Exchange } from './exchange.ts';
import type { Sandbox } from '@bhatti/wire/control/sandbox.ts';

/** What the API's routes need; made once. */
export interface ApiContext {
  readonly parts: SandboxParts;
  readonly images: ImageStore;
  readonly zone: PublishZone;
  /** Of a user for whom none are named. */
  readonly defaultLimits: UserLimits;
  readonly startedAtMs: number;
}

/** The sandbox that a path names. Throws SANDBOX_NOT_FOUND. */
export function sandboxOf(context: ApiContext, exchange: Exchange): SandboxEntry {
  return context.parts.registry.find(exchange.caller, exchange.params['id'] ?? '');
}

/** The sandbox that a path names, woken, and not paused until `body` has ended. */
export async function withSandbox<T>(
  context: ApiContext,
  exchange: Exchange,
  body: (entry: SandboxEntry) => Promise<T>,
  reach: WakeReach = 'start',
): Promise<T> {
  const entry = sandboxOf(context, exchange);
  using _use = await awake(exchange.op, context.parts, entry, reach);
  try {
    return await body(entry);
  } catch (error) {
    // It may have shut itself down; then the next request finds it stopped, and starts it.
    if (hasCode(error, 'AGENT_UNREACHABLE') || hasCode(error, 'CONNECTION_LOST'))
      await noticeEnded(context.parts, entry);
    throw error;
  }
}

export function sandboxDocument(context: ApiContext, entry: SandboxEntry): Sandbox {
  const { parts, zone } = context;
  const urls = parts.rules.of(entry.row.id).map((rule) => urlOf(zone, rule.alias));
  const createdBy = parts.store.users.byId(entry.row.owner)?.name ?? entry.row.owner;
  return viewSandbox(entry, { engine: parts.engine.name, urls, createdBy });
}
