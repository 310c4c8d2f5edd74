import { CodedError } from '@bhatti/base/errors.ts';
import { createHash } from 'node:crypto';

/** What images/<tier>/tier.json holds. */
export interface TierDescription {
  readonly name: string;
  /** The tier that this one adds to. */
  readonly extends?: string;
  readonly desktop: boolean;
  readonly defaultDiskMb: number;
  readonly packages: readonly string[];
}

/** One file of a recipe, as it travels in the executable. */
export type RecipeFile =
  | { readonly path: string; readonly kind: 'file'; readonly isExecutable: boolean; readonly base64: string }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

/** Everything below images/, by path relative to it. */
export type RecipeSource = readonly RecipeFile[];

/** All that a build needs, tiers it extends included. */
export interface Recipe {
  readonly tier: TierDescription;
  readonly packages: readonly string[];
  /** Laid over the root, path relative to it; a later tier's file has replaced an earlier one's. */
  readonly files: readonly RecipeFile[];
  /** Scripts to run in the image at the end, in this order. */
  readonly scripts: readonly string[];
  /** `sha256:…` over all of the above: two equal ones make the same image but for newer packages. */
  readonly digest: string;
}

const suite = 'bookworm';
export const recipeSuite = suite;

/** Names of the tiers that can be built. */
export function tierNames(source: RecipeSource): string[] {
  return source.flatMap((file) => /^([^/]+)\/tier\.json$/.exec(file.path)?.[1] ?? []).toSorted();
}

/** Throws IMAGE_NOT_FOUND when no tier has this name. */
export function readRecipe(source: RecipeSource, tier: string): Recipe {
  const chain = readChain(source, tier, tierNames(source));
  const last = chain.at(-1);
  if (last === undefined) throw new Error('a chain has at least its own tier');
  const files = new Map<string, RecipeFile>();
  for (const { name } of chain) for (const file of filesBelow(source, `${name}/files/`)) files.set(file.path, file);
  const recipe = {
    tier: last,
    packages: [...new Set(chain.flatMap(({ packages }) => packages))].toSorted(),
    files: [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    scripts: chain.flatMap(({ name }) => tryText(source, `${name}/customize.sh`) ?? []),
  };
  return { ...recipe, digest: digestOf({ suite, ...recipe }) };
}

/** The tier and all that it extends, the foundation first. */
function readChain(source: RecipeSource, tier: string, known: readonly string[]): TierDescription[] {
  const text = tryText(source, `${tier}/tier.json`);
  if (text === undefined)
    throw new CodedError(
      'IMAGE_NOT_FOUND',
      `cannot build image "${tier}": no tier has this name`,
      { image: tier },
      {
        hint: `known tiers: ${known.join(', ')}`,
      },
    );
  // SAFETY: the recipes are part of this program; a test reads every one of them.
  const description = JSON.parse(text) as TierDescription;
  return [...(description.extends === undefined ? [] : readChain(source, description.extends, known)), description];
}

function filesBelow(source: RecipeSource, prefix: string): RecipeFile[] {
  return source
    .filter((file) => file.path.startsWith(prefix))
    .map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
}

function tryText(source: RecipeSource, path: string): string | undefined {
  const file = source.find((candidate) => candidate.path === path);
  return file?.kind === 'file' ? Buffer.from(file.base64, 'base64').toString('utf8') : undefined;
}

export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
}
