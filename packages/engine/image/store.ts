import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineConfig } from '../engine.ts';
import type { ImageRecord } from './record.ts';

/** Images by name, each immutable: a directory with `image.json` and `rootfs/`. */
export interface ImageStore {
  list(): Promise<ImageRecord[]>;
  get(name: string): Promise<ImageRecord | undefined>;
  /** `inUseBy` are the names of sandboxes that stand on it: none may, or it throws IMAGE_IN_USE. Throws IMAGE_NOT_FOUND. */
  delete(op: Operation, name: string, inUseBy: readonly string[]): Promise<void>;
  /** Directory with the root file system. Throws IMAGE_NOT_FOUND. */
  rootfs(name: string): string;
}

export function openImageStore(config: Pick<EngineConfig, 'dataDir'>): ImageStore {
  const imagesDir = join(config.dataDir, 'images');
  const read = (name: string) => readImage(join(imagesDir, name));
  return {
    list: async () =>
      (existsSync(imagesDir) ? readdirSync(imagesDir) : [])
        .filter((name) => !name.startsWith('.'))
        .map(read)
        .filter((image) => image !== undefined),
    get: async (name) => read(name),
    async delete(op, name, inUseBy) {
      op.check();
      if (read(name) === undefined) throw notFound(name);
      if (inUseBy.length > 0)
        throw new CodedError('IMAGE_IN_USE', `cannot delete image "${name}": ${inUseBy.length} sandboxes stand on it`, {
          image: name,
          sandboxes: inUseBy,
        });
      const doomed = join(imagesDir, `.delete-${name}-${process.pid}`);
      await rename(join(imagesDir, name), doomed);
      await rm(doomed, { recursive: true, force: true });
    },
    rootfs(name) {
      if (read(name) === undefined) throw notFound(name);
      return join(imagesDir, name, 'rootfs');
    },
  };
}

function readImage(dir: string): ImageRecord | undefined {
  try {
    // SAFETY: written by this store, whole or not at all.
    return JSON.parse(readFileSync(join(dir, 'image.json'), 'utf8')) as ImageRecord;
  } catch {
    return undefined; // expected: no image of this name
  }
}

function notFound(name: string): CodedError {
  return new CodedError(
    'IMAGE_NOT_FOUND',
    `image "${name}" is not here`,
    { image: name },
    { hint: `bhatti image build ${name}` },
  );
}
