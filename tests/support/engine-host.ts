// A place of its own on the host for one engine: data, run directory, instance, subnet. Disposing it destroys every sandbox and checks that nothing is left.
import { randomHex, newSandboxId, type SandboxId } from '@bhatti/base/ids.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import type { Engine, EngineConfig, SandboxSpec, SandboxStatus } from '@bhatti/engine/engine.ts';
import { openImageStore } from '@bhatti/engine/image/store.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestImage, testImage } from './engine-image.ts';
import type { EngineUnderTest } from './engine-list.ts';
import { leftoversOf } from './engine-leftovers.ts';

export interface EngineHost extends AsyncDisposable {
  readonly config: EngineConfig;
  readonly op: Operation;
  /** The engine of now: `reopen` replaces it. */
  engine(): Engine;
  /** As after a restart of the daemon: a new engine that knows nothing but what the host has. */
  reopen(): Promise<Engine>;
  spec(overrides?: Partial<SandboxSpec>): SandboxSpec;
  /** Creates and starts. */
  launch(overrides?: Partial<SandboxSpec>): Promise<SandboxStatus>;
  /** Runs a line of shell inside, as root. */
  run(id: SandboxId, command: string): Promise<CommandResult>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

export async function openEngineHost(subject: EngineUnderTest): Promise<EngineHost> {
  const dir = mkdtempSync(join(tmpdir(), 'bhatti-engine-'));
  const instance = `bt${randomHex(1)}${randomHex(1)[0]}`;
  const config: EngineConfig = {
    dataDir: join(dir, 'data'),
    runDir: join(dir, 'run'),
    instance,
    subnet: freeSubnet(),
    executable: process.execPath,
  };
  // The runtime enters as the root of a sandbox, which is nobody here.
  Bun.spawnSync(['chmod', '0711', dir]);
  makeTestImage(config.dataDir);
  const open = () => subject.create(config, openImageStore(config));
  let engine = open();
  const op = startOperation({});
  await engine.prepare(op);

  const host: EngineHost = {
    config,
    op,
    engine: () => engine,
    async reopen() {
      await engine[Symbol.asyncDispose]();
      engine = open();
      await engine.prepare(op);
      return engine;
    },
    spec: (overrides) => ({
      id: newSandboxId(),
      name: `box-${randomHex(2)}`,
      owner: 'alice',
      image: testImage,
      cpus: 1,
      memoryMib: 256,
      diskMib: 128,
      ...overrides,
    }),
    async launch(overrides) {
      const spec = host.spec(overrides);
      await engine.create(op, spec);
      return await engine.start(op, spec.id);
    },
    run: (id, command) => runInside(engine, op, id, command),
    async [Symbol.asyncDispose]() {
      for (const { id } of await engine.list()) await engine.destroy(op, id);
      await engine[Symbol.asyncDispose]();
      const left = leftoversOf(config);
      op[Symbol.dispose]();
      rmSync(dir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left on the host:\n${left.join('\n')}`);
    },
  };
  return host;
}

const hungUp = 'the agent hung up';

/** Whether a command was cut off by the end of its sandbox. */
export function isHangUp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message.startsWith(hungUp) || ('code' in error && error.code === 'ECONNRESET');
}

async function runInside(engine: Engine, op: Operation, id: SandboxId, command: string): Promise<CommandResult> {
  const connection = await engine.dialAgent(op, id);
  connection.write(`${command}\n`);
  let text = '';
  for await (const chunk of connection) text += String(chunk);
  if (text === '') throw new Error(`${hungUp} on "${command}" in ${id}`);
  // SAFETY: the agent of the test image answers with exactly this.
  return JSON.parse(text) as CommandResult;
}

/** A /16 that no address of this host is in, so that suites beside each other and the real daemon do not meet. */
function freeSubnet(): string {
  const addresses = Bun.spawnSync(['ip', '-4', '-o', 'addr']).stdout.toString();
  const number = [...crypto.getRandomValues(new Uint8Array(32))].find(
    (candidate) => candidate > 120 && !addresses.includes(` 10.${candidate}.`),
  );
  if (number === undefined) throw new Error('no subnet is free');
  return `10.${number}.0.0/16`;
}
