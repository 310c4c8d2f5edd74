import { CodedError } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { readCgroupAbilities } from '@bhatti/sys/cgroup/ability.ts';
import { delegateGroup } from '@bhatti/sys/cgroup/group.ts';
import { controllerDirectory } from '@bhatti/sys/cgroup/layout.ts';
import { listenUnix } from '@bhatti/sys/network/unix-listener.ts';
import { drainFifo, openFifo } from '@bhatti/sys/process/fifo.ts';
import { openNamespaces, type HeldNamespaces, type IdRange } from '@bhatti/sys/process/namespace.ts';
import { runDetached } from '@bhatti/sys/process/run-detached.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { plugCable } from '../network/cable.ts';
import { bundleConfig } from './bundle.ts';
import { groupOf, type ContainerContext } from './context.ts';
import { chooseCores, hostSize, parseCores, resourceLimits } from './limits.ts';
import { joinNetwork } from './owner-network.ts';
import { sandboxPaths, type SandboxPaths } from './paths.ts';
import { listIds, type SandboxRecord } from './record.ts';
import { mountRootfs, unmountRootfs } from './rootfs.ts';
import { awaitInit } from './status.ts';
import { together } from './together.ts';
import { claimUidRange, rangeSize, type UidRange } from './uid-range.ts';

const agentBacklog = 128; // the kernel's default limit; the daemon keeps a handful of connections

/**
 * Brings up what belongs to one running sandbox and hands it to the runtime. It undoes nothing: whatever it left, `clearRuntime` takes away, the same after a failure as after a crash. All
 * descriptors and mounts that were needed for starting go at the end; the sandbox has its own.
 */
export async function startSandbox(op: Operation, context: ContainerContext, record: SandboxRecord): Promise<void> {
  const { config, names } = context;
  const { spec, place } = record;
  const paths = sandboxPaths(config, spec.id);
  const image = context.images.locate(spec.image, record.imageDigest);
  mkdirSync(paths.bundle, { recursive: true, mode: 0o700 });
  const uids = claimUidRange(paths.bundle);

  using held = new DisposableStack();
  const agent = held.use(listenUnix(paths.agentSocket, agentBacklog));
  const output = held.use(openFifo(paths.console));
  const namespaces: { own?: HeldNamespaces; disk?: HeldNamespaces } = {};
  await together([
    openNamespaces(op, [ownRange(uids)], { network: true }).then((own) => (namespaces.own = held.use(own))),
    openNamespaces(op, [ownRange(uids), hostRoot], { network: false }).then(
      (disk) => (namespaces.disk = held.use(disk)),
    ),
    joinNetwork(op, context, record),
  ]);
  const { user, network } = namespaces.own ?? {};
  if (user === undefined || network === undefined || namespaces.disk === undefined) throw new Error('no namespaces');

  await together([
    plugCable(op, { instance: config.instance, subnet: names.subnet, place, namespace: descriptorPath(network.fd) }),
    mountRootfs(op, {
      id: spec.id,
      paths,
      image: image.rootfs,
      imageMapFd: user.fd,
      diskMapFd: namespaces.disk.user.fd,
      rootUid: uids.first,
    }),
  ]);

  delegateGroup(context.cgroups, groupOf(context, spec.id), uids.first);
  const bundle = bundleConfig({
    spec,
    executable: config.executable,
    rootfs: paths.mounts.rootfs,
    limits: resourceLimits(spec, takeCores(context, spec.id, spec.cpus), readCgroupAbilities(context.cgroups)),
    uids,
    userNamespace: descriptorPath(user.fd),
    networkNamespace: descriptorPath(network.fd),
    cgroups: context.cgroups,
    cgroupPath: groupOf(context, spec.id),
  });
  writeFileSync(paths.bundleConfig, JSON.stringify(bundle));
  writeFileSync(paths.startedMark, '');
  await runRuntime(op, context, record, { agentFd: agent.fd, outputFd: output.fd });
  unmountRootfs(paths.mounts);
}

async function runRuntime(
  op: Operation,
  context: ContainerContext,
  { spec }: SandboxRecord,
  fds: { readonly agentFd: number; readonly outputFd: number },
): Promise<void> {
  const paths = sandboxPaths(context.config, spec.id);
  const exitCode = await runDetached(
    op,
    [
      'runc',
      `--root=${context.paths.runcDir}`,
      `--log=${paths.runcLog}`,
      '--log-format=json',
      'run',
      '--detach',
      '--no-new-keyring',
      '--preserve-fds=1',
      `--bundle=${paths.bundle}`,
      spec.id,
    ],
    { outputFd: fds.outputFd, passFds: [fds.agentFd] },
  );
  if (exitCode === 0 && (await awaitInit(op, context, spec.id)) !== undefined) return;
  throw bootFailed(spec.id, spec.name, paths);
}

function bootFailed(id: SandboxId, name: string, paths: SandboxPaths): CodedError {
  const said = runtimeErrors(paths.runcLog);
  const lines = drainFifo(paths.console)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const why = said.at(-1) ?? lines.at(-1) ?? 'its first program ended at once';
  return new CodedError(
    'BOOT_FAILED',
    `cannot start sandbox "${name}": ${why}`,
    { sandbox: id },
    { log: [...said, ...lines] },
  );
}

/** Messages of level error in the runtime's own log. */
function runtimeErrors(log: string): string[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":"error"'))
    .map((line) => /"msg":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line);
}

/** Chosen and noted without a pause between, so that sandboxes that start together spread as well. */
function takeCores(context: ContainerContext, id: SandboxId, cpus: number): number[] {
  const others = listIds(context.config).filter((other) => other !== id);
  const inUse = others.map((other) => context.cores.get(other) ?? coresOf(context, other));
  const cores = chooseCores(cpus, hostSize().cores, inUse);
  context.cores.set(id, cores);
  return cores;
}

function coresOf(context: ContainerContext, id: SandboxId): number[] {
  const file = `${controllerDirectory(context.cgroups, 'cpuset', groupOf(context, id))}/cpuset.cpus`;
  return existsSync(file) ? parseCores(readFileSync(file, 'utf8')) : [];
}

function ownRange(uids: UidRange): IdRange {
  return { inside: 0, outside: uids.first, count: rangeSize };
}

const hostRoot: IdRange = { inside: rangeSize, outside: 0, count: 1 };

/** How another process opens a descriptor of this one. */
function descriptorPath(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}
