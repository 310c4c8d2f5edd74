import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import { freezeGroup, removeGroup, thawGroup } from '@bhatti/sys/cgroup/group.ts';
import { readCgroupLayout } from '@bhatti/sys/cgroup/layout.ts';
import type { Socket } from 'node:net';
import type { Engine, EngineConfig, EnginePhase, SandboxSpec, SandboxStatus } from '../engine.ts';
import type { ImageStore } from '../image/store.ts';
import { parseSubnet } from '../network/address.ts';
import { SandboxDirectory } from '../network/directory.ts';
import { leaveNeighbours } from '../network/neighbour-rules.ts';
import { Resolver } from '../network/resolver.ts';
import { unloadFirewall } from '../network/firewall.ts';
import { groupOf, type ContainerContext } from './context.ts';
import { createSandbox } from './create.ts';
import { destroySandbox } from './destroy.ts';
import { dialSocket } from './dial.ts';
import { guardFirewall } from './guard.ts';
import { hostSize, limitNotices } from './limits.ts';
import { enginePaths, sandboxPaths } from './paths.ts';
import { prepareHost } from './prepare.ts';
import { listIds, readRecord, type SandboxRecord } from './record.ts';
import { clearRuntime, settleDisk } from './repair.ts';
import { startSandbox } from './start.ts';
import { isFrozen, observe, phaseOf } from './status.ts';
import { endProcesses } from './stop.ts';
import { Turns } from './turns.ts';
import { removeClaims } from './uid-range.ts';

/** What an engine that this process made owns beyond its methods: the sockets of the resolver. Sandboxes run on when it is disposed. */
export type ContainerEngine = Engine & AsyncDisposable;

/** Sandboxes as containers of the host's kernel, run by `runc`. */
export function createContainerEngine(
  config: EngineConfig,
  images: Pick<ImageStore, 'locate' | 'prune'>,
): ContainerEngine {
  const subnet = parseSubnet(config.subnet);
  const directory = new SandboxDirectory(subnet);
  const context: ContainerContext = {
    config,
    paths: enginePaths(config),
    names: { instance: config.instance, subnet },
    cgroups: readCgroupLayout(),
    images,
    directory,
    resolver: new Resolver(subnet, directory),
    turns: new Turns(),
    cores: new Map(),
  };
  const { turns } = context;
  let guard: Disposable | undefined;

  return {
    name: 'container',
    barrier: 'container: shares the kernel of the host, behind a user namespace, seccomp and dropped capabilities',
    async prepare(op) {
      await prepareHost(op, context);
      guard ??= guardFirewall(context);
    },
    create: (op, spec) => turns.take(spec.id, () => create(op, context, spec)),
    start: (op, id) => turns.take(id, () => start(op, context, id)),
    stop: (op, id) => turns.take(id, () => stop(op, context, id)),
    pause: (op, id) => turns.take(id, () => pause(op, context, id)),
    resume: (_op, id) => turns.take(id, () => resume(context, id)),
    destroy: (op, id) => turns.take(id, () => destroySandbox(op, context, id)),
    dialAgent: (op, id) => dialAgent(op, context, id),
    status: async (id) => observe(context, id),
    list: async () =>
      listIds(config)
        .map((id) => observe(context, id))
        .filter((status) => status !== undefined),
    notices: (spec) => limitNotices(spec, hostSize()),
    async [Symbol.asyncDispose]() {
      guard?.[Symbol.dispose]();
      await close(context);
    },
  };
}

async function create(op: Operation, context: ContainerContext, spec: SandboxSpec): Promise<SandboxStatus> {
  await createSandbox(op, context, spec);
  return mustObserve(context, spec.id);
}

async function start(op: Operation, context: ContainerContext, id: SandboxId): Promise<SandboxStatus> {
  needPhase(context, id, 'start', ['created', 'stopped']);
  const record = needRecord(context, id, 'start');
  await clearRuntime(op, context, id);
  try {
    await startSandbox(op, context, record);
  } catch (error) {
    await cleanUp(op, (cleaning) => clearRuntime(cleaning, context, id));
    throw error;
  }
  return mustObserve(context, id);
}

async function stop(op: Operation, context: ContainerContext, id: SandboxId): Promise<SandboxStatus> {
  needPhase(context, id, 'stop', ['running', 'paused', 'stopped']);
  await endProcesses(op, context, id);
  await clearRuntime(op, context, id);
  await settleDisk(op, context, id);
  return mustObserve(context, id);
}

async function pause(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  needPhase(context, id, 'pause', ['running']);
  await freezeGroup(op, context.cgroups, groupOf(context, id));
}

async function resume(context: ContainerContext, id: SandboxId): Promise<void> {
  needPhase(context, id, 'resume', ['paused']);
  thawGroup(context.cgroups, groupOf(context, id));
}

/**
 * On the way of every exec: the freezer alone is asked first, since the kernel accepts connections for a frozen guest too. Why nobody listens is looked into when nobody does; asking everything
 * first took 0.5 ms.
 */
async function dialAgent(op: Operation, context: ContainerContext, id: SandboxId): Promise<Socket> {
  const needRunning = () => needPhase(context, id, 'reach the agent of', ['running']);
  if (isFrozen(context, id)) needRunning();
  try {
    return await dialSocket(op, id, sandboxPaths(context.config, id).agentSocket);
  } catch (error) {
    if (hasCode(error, 'AGENT_UNREACHABLE')) needRunning();
    throw error;
  }
}

/** Sandboxes run on behind their firewall. Where there are none, nothing of the engine stays on the host but its files. */
async function close(context: ContainerContext): Promise<void> {
  await context.resolver[Symbol.asyncDispose]();
  if (listIds(context.config).length > 0) return;
  using op = startOperation({ timeoutMs: cleanUpTimeoutMs });
  await leaveNeighbours(op, context.config.instance);
  await unloadFirewall(op, context.names);
  await removeGroup(op, context.cgroups, context.config.instance);
  removeClaims();
}

/** Throws SANDBOX_NOT_FOUND, or SANDBOX_WRONG_PHASE when what is wanted is not legal now. */
function needPhase(context: ContainerContext, id: SandboxId, verb: string, needs: readonly EnginePhase[]): void {
  if (observe(context, id) === undefined)
    throw new CodedError('SANDBOX_NOT_FOUND', `cannot ${verb} sandbox "${id}": there is none with this id`, {
      sandbox: id,
    });
  const phase = phaseOf(context, id);
  if (needs.includes(phase)) return;
  const name = readRecord(context.config, id)?.spec.name ?? id;
  throw new CodedError('SANDBOX_WRONG_PHASE', `cannot ${verb} sandbox "${name}": it is ${phase}`, {
    sandbox: id,
    phase,
    needs,
  });
}

function needRecord(context: ContainerContext, id: SandboxId, verb: string): SandboxRecord {
  const record = readRecord(context.config, id);
  if (record !== undefined) return record;
  throw new CodedError(
    'BOOT_FAILED',
    `cannot ${verb} sandbox "${id}": its record cannot be read`,
    { sandbox: id },
    {
      hint: 'its files cannot be used any more: destroy it',
    },
  );
}

function mustObserve(context: ContainerContext, id: SandboxId): SandboxStatus {
  const status = observe(context, id);
  if (status === undefined) throw new CodedError('SANDBOX_NOT_FOUND', `sandbox "${id}" is gone`, { sandbox: id });
  return status;
}

const cleanUpTimeoutMs = 20_000;

/** Cleaning up has a time of its own: the operation that failed may have none left. Its failure never hides the first one. */
async function cleanUp(op: Operation, task: (cleaning: Operation) => Promise<void>): Promise<void> {
  using cleaning = startOperation({ timeoutMs: cleanUpTimeoutMs });
  try {
    await task(cleaning);
  } catch (error) {
    op.log(`cleaning up failed: ${String(error)}`);
  }
}
