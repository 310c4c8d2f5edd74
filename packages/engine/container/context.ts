import type { CgroupLayout } from '@bhatti/sys/cgroup/layout.ts';
import type { EngineConfig } from '../engine.ts';
import type { ImageStore } from '../image/store.ts';
import type { SandboxDirectory } from '../network/directory.ts';
import type { FirewallNames } from '../network/firewall.ts';
import type { Resolver } from '../network/resolver.ts';
import type { EnginePaths } from './paths.ts';
import type { Turns } from './turns.ts';

/** What every operation of the container engine needs; made once. */
export interface ContainerContext {
  readonly config: EngineConfig;
  readonly paths: EnginePaths;
  readonly names: FirewallNames;
  readonly cgroups: CgroupLayout;
  readonly directory: SandboxDirectory;
  readonly resolver: Resolver;
  readonly turns: Turns;
  readonly images: Pick<ImageStore, 'locate' | 'prune'>;
  /** Cores of the sandboxes that this process started; of others the kernel is asked. */
  readonly cores: Map<string, readonly number[]>;
}

/** The control group of a sandbox, relative to each hierarchy. */
export function groupOf(context: ContainerContext, id: string): string {
  return `${context.config.instance}/${id}`;
}
