import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { VERSION } from '@bhatti/base/version.ts';
import { createContainerEngine } from '@bhatti/engine/container/engine.ts';
import type { Engine } from '@bhatti/engine/engine.ts';
import { openImageStore } from '@bhatti/engine/image/store.ts';
import { lockHolder, tryLockFile } from '@bhatti/sys/process/file-lock.ts';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { ApiContext } from './api/context.ts';
import { formatAddress, listenOnSocket, listenOnTcp } from './api/listen.ts';
import { makeServer, type ServerParts } from './api/server.ts';
import type { DaemonConfig } from './config.ts';
import { Publisher } from './publish/forward.ts';
import { PublishLimits } from './publish/limits.ts';
import { PublishRules } from './publish/rules.ts';
import { publishZone, secureHosts, servedHosts } from './publish/zone.ts';
import { watchSandboxes } from './sandbox/idle.ts';
import type { SandboxParts } from './sandbox/parts.ts';
import { reconcile } from './sandbox/reconcile.ts';
import { SandboxRegistry } from './sandbox/registry.ts';
import { openStore } from './store/open.ts';

const prepareMs = 120_000;

/**
 * The wiring of the daemon, from what stands alone to what stands on it. Disposal is its reverse: first nobody is let in any more, last the lock is given back. Sandboxes run on.
 */
export async function assemble(config: DaemonConfig): Promise<AsyncDisposable> {
  await using building = new AsyncDisposableStack();
  using op = startOperation({ timeoutMs: prepareMs });
  const startedAtMs = performance.now();

  for (const dir of [config.dataDir, config.runDir]) mkdirSync(dir, { recursive: true, mode: 0o755 });
  building.use(lockDataDir(config.dataDir));

  const images = openImageStore(config);
  const engine = building.use(createContainerEngine(config, images));
  await engine.prepare(op);

  const storePath = join(config.dataDir, 'state.db');
  if (!existsSync(storePath)) await handleUnknown(config, engine);
  const store = building.use(openStore(storePath));

  const rules = new PublishRules(store.rules);
  const registry = new SandboxRegistry();
  const parts: SandboxParts = {
    engine,
    store,
    registry,
    rules,
    images,
    defaults: config.defaults,
    host: { memoryMib: Math.floor(totalmem() / 1_048_576) },
    now: () => new Date(),
  };
  const repairs = await reconcile(parts);
  building.defer(() => {
    for (const entry of registry.all()) entry[Symbol.dispose]();
  });
  building.use(watchSandboxes(parts, config.warmAfterMs));

  const context: ApiContext = { parts, images, zone: publishZone(config), defaultLimits: config.limits, startedAtMs };
  const serverParts: ServerParts = {
    context,
    publisher: new Publisher(parts, new PublishLimits()),
    served: servedHosts(config),
    isSecureHost: secureHosts(config),
  };
  const socketPath = join(config.runDir, 'bhatti.sock');
  building.use(await listenOnTcp(makeServer(serverParts, { transport: 'tcp' }), config.listen));
  const tls = config.domain?.tls;
  if (tls !== undefined) {
    const [cert, key] = [readFileSync(tls.certPath), readFileSync(tls.keyPath)];
    building.use(await listenOnTcp(makeServer(serverParts, { transport: 'tls', cert, key }), tls.listen));
  }
  // The control socket comes last: who finds it finds everything.
  building.use(await listenOnSocket(makeServer(serverParts, { transport: 'unix' }), socketPath));
  announce('daemon:start', {
    version: VERSION,
    socket: socketPath,
    listen: formatAddress(config.listen),
    data: config.dataDir,
    sandboxes: registry.all().length,
  });
  void repairs.done;
  return building.move();
}

/** One daemon to a data directory. Throws LOCKED. */
function lockDataDir(dataDir: string): Disposable {
  const path = join(dataDir, 'daemon.lock');
  const lock = tryLockFile(path);
  if (lock !== undefined) return lock;
  const holder = lockHolder(path);
  throw new CodedError(
    'LOCKED',
    `cannot serve "${dataDir}": another bhatti serves it already${holder === undefined ? '' : ` (process ${holder})`}`,
    { what: dataDir },
    { hint: 'stop that one, or choose another --data-dir' },
  );
}

/** A new database beside sandboxes that exist: the old one was lost, and with it all that was asked for. They are not taken for leftovers unless that is said. */
async function handleUnknown(config: DaemonConfig, engine: Engine): Promise<void> {
  const unknown = await engine.list();
  if (unknown.length === 0 || config.destroysUnknown) return;
  throw new CodedError(
    'STORE_CORRUPT',
    `cannot serve "${config.dataDir}": it holds ${unknown.length} sandboxes, but its state.db is gone`,
    { path: join(config.dataDir, 'state.db') },
    { hint: 'put a copy of state.db back, or start once with --destroy-unknown to remove them' },
  );
}
