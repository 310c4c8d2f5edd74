import { hasCode, type ErrorCode } from '@bhatti/base/errors.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { openImageStore, type ImageStore } from '@bhatti/engine/image/store.ts';
import type { RecipeSource } from '@bhatti/engine/image/recipe.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/until.ts';

// A tier as small as Debian allows, from the real mirror: building it takes seconds.
const file = (path: string, text: string) =>
  ({ path, kind: 'file', isExecutable: true, base64: Buffer.from(text).toString('base64') }) as const;
const tier = (name: string, script: string, package_ = 'netbase') => [
  file(`${name}/tier.json`, JSON.stringify({ name, desktop: false, defaultDiskMb: 64, packages: [package_] })),
  file(`${name}/files/usr/local/bin/laid-over`, '#!/bin/sh\necho laid over\n'),
  file(`${name}/customize.sh`, script),
];
let recipes: RecipeSource = [
  ...tier('tiny', '#!/bin/sh\nset -eu\nid -u >/root/customized\n'),
  ...tier('broken', '#!/bin/sh\n:\n', 'no-such-package'),
  ...tier('slow', '#!/bin/sh\nsleep 1000\n'),
];

const isMirrorThere = await canFetch();

describe.skipIf(!isMirrorThere)('building images', () => {
  let dataDir = '';
  let images: ImageStore;
  using op = startOperation({});
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'bhatti-images-'));
    images = openImageStore({ dataDir }, () => recipes);
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test('a tier becomes an image: files laid over, script run, progress told, nobody else lets in', async () => {
    const events: { step: string; fraction: number }[] = [];
    const image = await images.build(op, 'tiny', (event) => 'step' in event && events.push(event));
    expect(image).toMatchObject({ name: 'tiny', desktop: false, defaultDiskMb: 64 });
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image.sizeMb).toBeGreaterThan(50);
    const { rootfs } = images.locate('tiny');
    expect(readFileSync(join(rootfs, 'root/customized'), 'utf8')).toBe('0\n');
    expect(statSync(join(rootfs, 'usr/local/bin/laid-over')).mode & 0o777).toBe(0o755);
    expect(statSync(join(dataDir, 'images')).mode & 0o777).toBe(0o700);
    expect(existsSync(join(rootfs, 'tmp/customize.sh'))).toBe(false);
    const fractions = events.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.length).toBeGreaterThan(20);
    expect(fractions.at(-1)).toBe(1);
  });

  test('an unchanged recipe is answered with what is there, a changed one replaces it', async () => {
    const before = await images.get('tiny');
    const again = await images.build(op, 'tiny', () => undefined);
    expect(again).toEqual(before!); // WHY: the test before made it
    const sandbox = join(dataDir, 'sandboxes', 'standing');
    mkdirSync(sandbox, { recursive: true });
    await Bun.write(join(sandbox, 'sandbox.json'), JSON.stringify({ imageDigest: again.digest }));
    recipes = [...recipes.filter(({ path }) => !path.startsWith('tiny/')), ...tier('tiny', '#!/bin/sh\n:\n')];
    const after = await images.build(op, 'tiny', () => undefined);
    expect(after.digest).not.toBe(again.digest);
    expect(existsSync(join(images.locate('tiny').rootfs, 'root/customized'))).toBe(false);
    // It stays for a sandbox that stands on it, and goes with that.
    expect(existsSync(join(images.locate('tiny', again.digest).rootfs, 'root/customized'))).toBe(true);
    rmSync(sandbox, { recursive: true });
    await images.prune();
    expectCode(() => images.locate('tiny', again.digest), 'IMAGE_NOT_FOUND');
    expect(visible(dataDir)).toEqual(['tiny']);
  });

  test('a failing recipe is an error with its log, and leaves nothing', async () => {
    const error = await failure(images.build(op, 'broken', () => undefined));
    expect(hasCode(error, 'IMAGE_BUILD_FAILED')).toBe(true);
    expect(String(error)).toContain('Unable to locate package no-such-package');
    expect(hasCode(error, 'IMAGE_BUILD_FAILED') && error.log.join('\n')).toContain('no-such-package');
    expect(leftovers(dataDir)).toEqual([]);
  });

  test('a cancelled build leaves nothing, neither files nor processes', async () => {
    const controller = new AbortController();
    using cancelled = startOperation({ signal: controller.signal });
    const building = failure(
      images.build(cancelled, 'slow', (event) => 'step' in event && event.step === 'customizing' && controller.abort()),
    );
    expect(hasCode(await building, 'ABORTED')).toBe(true);
    expect(leftovers(dataDir)).toEqual([]);
    await until(
      () => processesOf(dataDir).length === 0,
      () => processesOf(dataDir),
    );
  });

  test('a build whose process is killed takes its programs with it, and the next start removes its files', async () => {
    const builder = Bun.spawn([process.execPath, join(import.meta.dir, 'builder.ts')], {
      stdio: [Buffer.from(JSON.stringify({ dataDir, tier: 'slow', recipes })), 'pipe', 'inherit'],
    });
    for await (const chunk of builder.stdout) if (new TextDecoder().decode(chunk).includes('customizing')) break;
    expect(hasCode(await failure(images.build(op, 'slow', () => undefined)), 'LOCKED')).toBe(true);
    await images.prune();
    expect(leftovers(dataDir)).not.toEqual([]);
    builder.kill('SIGKILL');
    await builder.exited;
    await until(
      () => processesOf(dataDir).length === 0,
      () => processesOf(dataDir),
    );
    await images.prune();
    expect(leftovers(dataDir)).toEqual([]);
  });

  test('a full disk is said to be one, and nothing half-made stays on it', async () => {
    const small = mkdtempSync(join(tmpdir(), 'bhatti-small-'));
    expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=120m', 'bhatti-small', small]).success).toBe(true);
    try {
      const store = openImageStore({ dataDir: small }, () => recipes);
      const error = await failure(store.build(op, 'tiny', () => undefined));
      expect(hasCode(error, 'HOST_FULL'), String(error)).toBe(true);
      expect(await store.list()).toEqual([]);
      expect(leftovers(small)).toEqual([]);
    } finally {
      Bun.spawnSync(['umount', small]);
      rmSync(small, { recursive: true });
    }
  });

  test('an image that sandboxes stand on cannot be deleted, another can', async () => {
    expect(hasCode(await failure(images.delete(op, 'tiny', ['dev'])), 'IMAGE_IN_USE')).toBe(true);
    expect(hasCode(await failure(images.delete(op, 'nosuch', [])), 'IMAGE_NOT_FOUND')).toBe(true);
    await images.delete(op, 'tiny', []);
    expect(await images.list()).toEqual([]);
    expect(hasCode(await failure(images.build(op, 'nosuch', () => undefined)), 'IMAGE_NOT_FOUND')).toBe(true);
  });
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function expectCode(task: () => unknown, code: ErrorCode): void {
  let error: unknown;
  try {
    task();
  } catch (caught) {
    error = caught;
  }
  expect(hasCode(error, code)).toBe(true);
}

function visible(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'images')).filter((name) => !name.startsWith('.lock-'));
}

function leftovers(dataDir: string): string[] {
  return visible(dataDir).filter((name) => name.startsWith('.'));
}

function processesOf(dataDir: string): string[] {
  return Bun.spawnSync(['ps', '-e', '-o', 'pid=,args='])
    .stdout.toString()
    .split('\n')
    .filter((line) => line.includes(dataDir) && !line.includes('builder.ts'));
}

async function canFetch(): Promise<boolean> {
  try {
    const { ok } = await fetch('http://deb.debian.org/debian/dists/bookworm/InRelease', { method: 'HEAD' });
    return ok;
  } catch {
    return false; // expected: a machine without the internet
  }
}
