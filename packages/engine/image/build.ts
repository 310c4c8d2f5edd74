import { CodedError, describe } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import { mkdirSync, readFileSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProgressReader, type BuildProgress } from './progress.ts';
import { digestOf, recipeSuite, type Recipe, type RecipeFile } from './recipe.ts';
import { keptName, tryReadImage, type ImageRecord } from './record.ts';

export type BuildEvent = (BuildProgress & { readonly elapsedMs: number }) | { readonly line: string };

export interface BuildRequest {
  readonly recipe: Recipe;
  readonly imagesDir: string;
  readonly onEvent: (event: BuildEvent) => void;
}

/** Directories of this prefix are builds that never ended, or go on. */
export const unfinishedPrefix = '.build-';

/**
 * Builds an image beside its final place and renames it when it is whole. Everything that mmdebstrap mounts and starts lives in namespaces that go with it, and it goes with us, however
 * either ends; so what is left of a killed build is plain files.
 */
export async function buildImage(op: Operation, request: BuildRequest): Promise<ImageRecord> {
  const { recipe, imagesDir, onEvent } = request;
  const startedAt = performance.now();
  const report = (progress: BuildProgress) =>
    onEvent({ ...progress, elapsedMs: Math.round(performance.now() - startedAt) });
  const draft = join(imagesDir, `${unfinishedPrefix}${recipe.tier.name}`);
  await rm(draft, { recursive: true, force: true });
  try {
    layOutRecipe(join(draft, 'recipe'), recipe);
    await debootstrap(op, draft, recipe, report, (line) => onEvent({ line }));
    const record = await describeImage(op, draft, recipe);
    writeFileSync(join(draft, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
    await rm(join(draft, 'recipe'), { recursive: true });
    await replace(draft, join(imagesDir, recipe.tier.name));
    report({ step: 'done', fraction: 1 });
    return record;
  } catch (error) {
    const failure = explain(error, recipe.tier.name, imagesDir, op.lines());
    await rm(draft, { recursive: true, force: true });
    throw failure;
  }
}

/** The recipe as files: `files/` for the root, `0.sh`, `1.sh`, … to run in it, `hook` for mmdebstrap. */
function layOutRecipe(dir: string, recipe: Recipe): void {
  mkdirSync(join(dir, 'files'), { recursive: true, mode: 0o755 });
  for (const file of recipe.files) writeRecipeFile(join(dir, 'files', file.path), file);
  for (const [index, script] of recipe.scripts.entries()) writeFileSync(join(dir, `${index}.sh`), script);
  writeFileSync(join(dir, 'hook'), hook, { mode: 0o755 });
}

function writeRecipeFile(path: string, file: RecipeFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (file.kind === 'link') symlinkSync(file.target, path);
  else writeFileSync(path, Buffer.from(file.base64, 'base64'), { mode: file.isExecutable ? 0o755 : 0o644 });
}

/** Called by mmdebstrap with the root as its argument. tar keeps what directories are already there as they are, links to directories included. */
const hook = `#!/bin/sh
set -eu
here=$(dirname "$0")
echo "bhatti: customize"
tar -C "$here/files" --owner=0 --group=0 -cf - . | tar -C "$1" --no-overwrite-dir --keep-directory-symlink -xpf -
for script in "$here"/*.sh; do
  cp "$script" "$1/tmp/customize.sh"
  chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive /bin/sh /tmp/customize.sh
  rm "$1/tmp/customize.sh"
done
`;

async function debootstrap(
  op: Operation,
  draft: string,
  recipe: Recipe,
  report: (progress: BuildProgress) => void,
  onLine: (line: string) => void,
): Promise<void> {
  const progress = new ProgressReader();
  const argv = [
    // When this process dies, unshare does, and with it, as the namespace's first process, everything in it.
    ...'setpriv --pdeathsig KILL unshare --mount --propagation private --pid --kill-child --fork'.split(' '),
    ...'mmdebstrap --verbose --mode=root --format=directory --variant=minbase'.split(' '),
    '--aptopt=APT::Install-Recommends "false"',
    // A build that is cut off is thrown away whole: waiting for the disk after each package would protect nothing.
    '--dpkgopt=force-unsafe-io',
    `--include=${recipe.packages.join(',')}`,
    `--customize-hook=${join(draft, 'recipe', 'hook')} "$1"`,
    recipeSuite,
    join(draft, 'rootfs'),
  ];
  await run(op, argv, {
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TMPDIR: draft, ...proxyEnvironment() },
    onLine: (line) => {
      op.log(line);
      onLine(line);
      const step = progress.read(line);
      if (step !== undefined) report(step);
    },
  });
}

function proxyEnvironment(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

async function describeImage(op: Operation, draft: string, recipe: Recipe): Promise<ImageRecord> {
  const rootfs = join(draft, 'rootfs');
  const packages = installedPackages(readFileSync(join(rootfs, 'var/lib/dpkg/status'), 'utf8'));
  const { stdout } = await run(op, ['du', '--summarize', '--block-size=1M', '--one-file-system', rootfs]);
  return {
    name: recipe.tier.name,
    digest: digestOf({ recipe: recipe.digest, packages }),
    recipe: recipe.digest,
    sizeMb: Number.parseInt(stdout, 10),
    createdAt: new Date().toISOString(),
    desktop: recipe.tier.desktop,
    defaultDiskMb: recipe.tier.defaultDiskMb,
  };
}

/** `name=version` of every installed package, from dpkg's status file. */
export function installedPackages(status: string): string[] {
  return status
    .split('\n\n')
    .filter((paragraph) => /^Status: install ok installed$/m.test(paragraph))
    .map(
      (paragraph) =>
        `${field(paragraph, 'Package')}:${field(paragraph, 'Architecture')}=${field(paragraph, 'Version')}`,
    )
    .toSorted();
}

function field(paragraph: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
}

/**
 * Puts the new image in the place of an old one, which stays beside it under its digest: sandboxes stand on it, running or not, and their layers fit no other.
 */
async function replace(draft: string, final: string): Promise<void> {
  const old = tryReadImage(final);
  if (old !== undefined) {
    const kept = join(dirname(final), keptName(old.digest));
    await rm(kept, { recursive: true, force: true });
    await rename(final, kept);
  }
  await rename(draft, final);
}

const minFreeMib = 64; // less is a full disk, whatever the failing program said of it

/** The failure as a person should read it; ours pass unchanged. */
function explain(error: unknown, image: string, dir: string, log: readonly string[]): unknown {
  if (error instanceof CodedError && error.code !== 'COMMAND_FAILED') return error;
  const { bavail, bsize } = statfsSync(dir);
  const isFull =
    (bavail * bsize) / (1024 * 1024) < minFreeMib || log.some((line) => line.includes('No space left on device'));
  if (isFull)
    return new CodedError(
      'HOST_FULL',
      `cannot build image "${image}": no space is left in "${dir}"`,
      { what: dir },
      {
        cause: error,
        hint: 'remove images or sandboxes, or give the data directory a larger disk',
        log,
      },
    );
  // The first complaint is the cause; those after it are of programs that had called one another.
  const why = log.find((line) => line.startsWith('E: '))?.slice('E: '.length) ?? describe(error);
  return new CodedError(
    'IMAGE_BUILD_FAILED',
    `cannot build image "${image}": ${why}`,
    { image },
    {
      cause: error,
      hint: 'the log above has the last lines of the build; is the Debian mirror reachable?',
      log,
    },
  );
}
