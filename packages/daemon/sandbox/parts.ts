import type { Engine, SandboxSpec } from '@bhatti/engine/engine.ts';
import type { ImageStore } from '@bhatti/engine/image/store.ts';
import type { PublishRules } from '../publish/rules.ts';
import type { SandboxRow } from '../store/sandboxes.ts';
import type { Store } from '../store/open.ts';
import type { SandboxEntry } from './entry.ts';
import type { SandboxRegistry } from './registry.ts';
import type { HostCapacity, SpecDefaults } from './spec.ts';

/** What every operation on sandboxes needs; made once. */
export interface SandboxParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly registry: SandboxRegistry;
  readonly rules: PublishRules;
  readonly images: Pick<ImageStore, 'get'>;
  readonly defaults: SpecDefaults;
  readonly host: HostCapacity;
  readonly now: () => Date;
}

/** What an engine is asked to make of a row. */
export function engineSpec(row: SandboxRow): SandboxSpec {
  const { id, name, owner, image, cpus, memoryMib, diskMib } = row;
  return { id, name, owner, image, cpus, memoryMib, diskMib };
}

/** Keeps what happened for people who ask later. `type` is past tense: `sandbox.created`. */
export function recordEvent(parts: SandboxParts, entry: SandboxEntry, type: string, detail = ''): void {
  const { owner, name } = entry.row;
  parts.store.events.add({ at: parts.now().toISOString(), type, owner, sandbox: name, detail });
}
