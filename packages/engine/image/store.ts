import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { tryLockFile } from '@bhatti/sys/process/file-lock.ts';
import { chmodSync, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineConfig } from '../engine.ts';
import { buildImage, unfinishedPrefix, type BuildEvent } from './build.ts';
import { digestsInUse, entries } from './in-use.ts';
import { readRecipe, tierNames, type RecipeSource } from './recipe.ts';
import { embeddedRecipes } from './recipes.ts';
import { keptName, keptPrefix, tryReadImage, type ImageRecord } from './record.ts';

/** Images by name, each immutable: a directory with `image.json` and `rootfs/`. */
export interface ImageStore {
  /** Names of the tiers that `build` knows. */
  tiers(): string[];
  /**
   * Builds a tier, or returns what is there when its recipe is unchanged. A failed or killed build leaves nothing. Sandboxes of an older build keep it. Throws
   * IMAGE_NOT_FOUND for an unknown tier, IMAGE_BUILD_FAILED, HOST_FULL, LOCKED while the same tier is being built.
   */
  build(op: Operation, tier: string, onEvent: (event: BuildEvent) => void): Promise<ImageRecord>;
  list(): Promise<ImageRecord[]>;
  get(name: string): Promise<ImageRecord | undefined>;
  /** `inUseBy` are the names of sandboxes that stand on it: none may, or it throws IMAGE_IN_USE. Throws IMAGE_NOT_FOUND. */
  delete(op: Operation, name: string, inUseBy: readonly string[]): Promise<void>;
  /** The image of this name as it is now or, with `digest`, as it was when a sandbox was made of it. Throws IMAGE_NOT_FOUND. */
  locate(name: string, digest?: string): LocatedImage;
  /** Removes what killed builds left, and replaced images that no sandbox stands on any more. */
  prune(): Promise<void>;
}

export interface LocatedImage {
  readonly digest: string;
  /** Directory with the root file system, owners as they are in the guest. */
  readonly rootfs: string;
}

const doomedPrefix = '.doomed-';

export function openImageStore(
  config: Pick<EngineConfig, 'dataDir'>,
  recipes: () => RecipeSource = embeddedRecipes,
): ImageStore {
  const imagesDir = join(config.dataDir, 'images');
  const find = (name: string) => (name.startsWith('.') ? undefined : tryReadImage(join(imagesDir, name)));

  return {
    tiers: () => tierNames(recipes()),
    async build(op, tier, onEvent) {
      const image = await build(op, imagesDir, { tier, source: recipes(), onEvent });
      await prune(imagesDir, digestsInUse(config.dataDir));
      return image;
    },
    list: async () =>
      entries(imagesDir)
        .filter((name) => !name.startsWith('.'))
        .map(find)
        .filter((image) => image !== undefined),
    get: async (name) => find(name),
    async delete(op, name, inUseBy) {
      op.check();
      if (find(name) === undefined) throw notFound(name);
      if (inUseBy.length > 0) throw inUse(name, inUseBy);
      const doomed = join(imagesDir, `${doomedPrefix}${crypto.randomUUID()}`);
      await rename(join(imagesDir, name), doomed);
      await rm(doomed, { recursive: true, force: true });
    },
    locate(name, digest) {
      const image = find(name);
      if (image !== undefined && (digest ?? image.digest) === image.digest)
        return { digest: image.digest, rootfs: join(imagesDir, name, 'rootfs') };
      if (digest !== undefined && tryReadImage(join(imagesDir, keptName(digest))) !== undefined)
        return { digest, rootfs: join(imagesDir, keptName(digest), 'rootfs') };
      throw notFound(name);
    },
    prune: () => prune(imagesDir, digestsInUse(config.dataDir)),
  };
}

async function build(
  op: Operation,
  imagesDir: string,
  request: { readonly tier: string; readonly source: RecipeSource; readonly onEvent: (event: BuildEvent) => void },
): Promise<ImageRecord> {
  const recipe = readRecipe(request.source, request.tier);
  mkdirSync(imagesDir, { recursive: true });
  // Files in an image belong to root and others, set-user-id ones among them: nobody on the host may reach them.
  chmodSync(imagesDir, 0o700);
  using lock = tryLockFile(lockOf(imagesDir, request.tier));
  if (lock === undefined)
    throw new CodedError('LOCKED', `cannot build image "${request.tier}": it is being built`, { what: request.tier });
  const there = tryReadImage(join(imagesDir, request.tier));
  if (there?.recipe === recipe.digest) {
    request.onEvent({ step: 'unchanged', fraction: 1, elapsedMs: 0 });
    return there;
  }
  const image = await buildImage(op, { recipe, imagesDir, onEvent: request.onEvent });
  announce('image:build', { image: image.name, digest: image.digest, sizeMb: image.sizeMb });
  return image;
}

async function prune(imagesDir: string, usedDigests: ReadonlySet<string>): Promise<void> {
  const kept = new Set([...usedDigests].map(keptName));
  for (const name of entries(imagesDir)) {
    const isDoomed = name.startsWith(doomedPrefix) || (name.startsWith(keptPrefix) && !kept.has(name));
    if (isDoomed) await rm(join(imagesDir, name), { recursive: true, force: true });
    if (name.startsWith(unfinishedPrefix)) await pruneBuild(imagesDir, name);
  }
}

/** A build whose lock is free has no builder any more. */
async function pruneBuild(imagesDir: string, name: string): Promise<void> {
  using lock = tryLockFile(lockOf(imagesDir, name.slice(unfinishedPrefix.length)));
  if (lock !== undefined) await rm(join(imagesDir, name), { recursive: true, force: true });
}

function lockOf(imagesDir: string, tier: string): string {
  return join(imagesDir, `.lock-${tier}`);
}

function notFound(name: string): CodedError {
  return new CodedError(
    'IMAGE_NOT_FOUND',
    `image "${name}" is not here`,
    { image: name },
    { hint: `bhatti image build ${name}` },
  );
}

function inUse(name: string, sandboxes: readonly string[]): CodedError {
  return new CodedError(
    'IMAGE_IN_USE',
    `cannot delete image "${name}": ${sandboxes.length} ${sandboxes.length === 1 ? 'sandbox stands' : 'sandboxes stand'} on it`,
    { image: name, sandboxes },
    { hint: `destroy ${sandboxes.map((sandbox) => `"${sandbox}"`).join(', ')} first` },
  );
}
