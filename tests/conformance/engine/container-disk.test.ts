import { hasCode } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { closeSync, copyFileSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openEngineHost, type EngineHost } from '../../support/engine-host.ts';
import { enginesUnderTest } from '../../support/engine-list.ts';

describe('disk of a container', () => {
  let host: EngineHost;
  beforeAll(async () => {
    const container = enginesUnderTest.find(({ name }) => name === 'container');
    if (container === undefined) throw new Error('no container engine');
    host = await openEngineHost(container);
  });
  afterAll(async () => await host[Symbol.asyncDispose]());

  const diskOf = (id: SandboxId) => join(host.config.dataDir, 'sandboxes', id, 'disk.img');

  test('after a power cut the journal is replayed and what was synced is there', async () => {
    const engine = host.engine();
    const { id } = await host.launch();
    await host.run(id, 'echo synced > /root/file; sync');
    // What is on the disk while it is mounted is what a power cut leaves.
    const cut = join(host.config.dataDir, 'cut.img');
    copyFileSync(diskOf(id), cut);
    expect(needsJournal(cut)).toBe(true);
    await engine.stop(host.op, id);
    expect(needsJournal(diskOf(id))).toBe(false);
    copyFileSync(cut, diskOf(id));
    rmSync(cut);
    await engine.start(host.op, id);
    expect((await host.run(id, 'cat /root/file')).output).toBe('synced\n');
    await engine.destroy(host.op, id);
  });

  test('a disk that is damaged is said to be, and the sandbox can still be destroyed', async () => {
    const engine = host.engine();
    const { id } = await host.launch();
    await engine.stop(host.op, id);
    const disk = openSync(diskOf(id), 'r+');
    writeSync(disk, Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    closeSync(disk);
    const error: unknown = await engine.start(host.op, id).catch((reason: unknown) => reason);
    expect(hasCode(error, 'BOOT_FAILED')).toBe(true);
    expect(String(error)).toContain('it is damaged');
    expect((await engine.status(id))?.phase).toBe('stopped');
    await engine.destroy(host.op, id);
  });

  test('a disk that another holds is not mounted a second time', async () => {
    const engine = host.engine();
    const { id } = await host.launch();
    await engine.stop(host.op, id);
    const attached = Bun.spawnSync(['losetup', '--find', '--show', diskOf(id)])
      .stdout.toString()
      .trim();
    const error: unknown = await engine.start(host.op, id).catch((reason: unknown) => reason);
    expect(hasCode(error, 'LOCKED')).toBe(true);
    Bun.spawnSync(['losetup', '--detach', attached]);
    expect((await engine.start(host.op, id)).phase).toBe('running');
    await engine.destroy(host.op, id);
  }, 60_000);
});

/** ext4: s_feature_incompat has EXT4_FEATURE_INCOMPAT_RECOVER. */
function needsJournal(file: string): boolean {
  const field = Buffer.alloc(4);
  const fd = openSync(file, 'r');
  readSync(fd, field, 0, 4, 1024 + 0x60);
  closeSync(fd);
  return (field.readUInt32LE() & 4) !== 0;
}
