// The engines that the conformance suite runs against.
import { createContainerEngine } from '@bhatti/engine/container/engine.ts';
import type { Engine, EngineConfig } from '@bhatti/engine/engine.ts';
import type { ImageStore } from '@bhatti/engine/image/store.ts';

export interface EngineUnderTest {
  readonly name: Engine['name'];
  create(config: EngineConfig, images: ImageStore): Engine & AsyncDisposable;
}

export const enginesUnderTest: readonly EngineUnderTest[] = [{ name: 'container', create: createContainerEngine }];
