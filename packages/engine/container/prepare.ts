import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { maxSocketPathBytes } from '@bhatti/sys/network/unix-listener.ts';
import { chmodSync, mkdirSync } from 'node:fs';
import { enableForwarding } from '../network/bridge.ts';
import { loadFirewall } from '../network/firewall.ts';
import { admitAtNeighbours } from '../network/neighbour-rules.ts';
import type { ContainerContext } from './context.ts';
import { placesOf, restoreNetworks } from './owner-network.ts';
import { sandboxPaths } from './paths.ts';
import { repairAll } from './repair.ts';

/** Brings the host into the state that every sandbox relies on, whatever the last run of the daemon left. */
export async function prepareHost(op: Operation, context: ContainerContext): Promise<void> {
  checkConfig(context);
  makeDirectories(context);
  await repairAll(op, context);
  await context.images.prune();
  enableForwarding();
  await loadFirewall(op, context.names, placesOf(context));
  await admitAtNeighbours(op, context.config.instance);
  await restoreNetworks(op, context);
}

function makeDirectories({ config, paths }: ContainerContext): void {
  for (const dir of [paths.sandboxesDir, paths.runtimeDir, paths.runcDir]) {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o700);
  }
  // The runtime passes these as the root of a sandbox, which is nobody here.
  for (const dir of [config.runDir, paths.rootsDir]) {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o711);
  }
}

function checkConfig({ config }: ContainerContext): void {
  if (!/^[a-z0-9]{1,6}$/.test(config.instance))
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot use instance "${config.instance}": it must be 1 to 6 lower-case letters and digits`,
      {
        argument: 'instance',
        value: config.instance,
      },
    );
  const socket = sandboxPaths(config, '0123456789abcdef').agentSocket;
  if (Buffer.byteLength(socket) > maxSocketPathBytes)
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot use run directory "${config.runDir}": its path is too long for sockets in it`,
      {
        argument: 'runDir',
        value: config.runDir,
      },
    );
}
