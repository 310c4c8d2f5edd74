import type { Operation } from '@bhatti/base/operation.ts';
import { bridgeName, networkCount, type Place } from '../network/address.ts';
import { ensureBridge, isInterface, removeInterface } from '../network/bridge.ts';
import { admitPlace, dismissPlace } from '../network/firewall.ts';
import type { ContainerContext } from './context.ts';
import { listRecords, type SandboxRecord } from './record.ts';

/**
 * Brings up the network of a sandbox's owner and admits the sandbox to it. One at a time for each network, since the last sandbox of an owner takes the network with it.
 */
export async function joinNetwork(op: Operation, context: ContainerContext, record: SandboxRecord): Promise<void> {
  const { config, names, turns, directory, resolver } = context;
  const { spec, place } = record;
  directory.enter(spec.name, place);
  await turns.take(turnOf(place), async () => {
    await ensureBridge(op, config.instance, names.subnet, place.network);
    await admitPlace(op, names, place, () => placesOf(context));
    await resolver.serve(place.network);
  });
}

/** Takes a sandbox whose record is gone out of its owner's network, and the network away when it was the last. */
export async function leaveNetwork(op: Operation, context: ContainerContext, place: Place): Promise<void> {
  const { config, names, turns, directory, resolver } = context;
  directory.remove(place);
  await turns.take(turnOf(place), async () => {
    const isLast = !placesOf(context).some((other) => other.network === place.network);
    await dismissPlace(op, names, place, isLast);
    if (!isLast) return;
    await resolver.leave(place.network);
    await removeInterface(op, bridgeName(config.instance, place.network));
  });
}

/** Every network that has sandboxes is there, and no other. */
export async function restoreNetworks(op: Operation, context: ContainerContext): Promise<void> {
  const { config, names, turns, directory, resolver } = context;
  for (const { spec, place } of listRecords(config)) directory.enter(spec.name, place);
  const used = new Set(placesOf(context).map(({ network }) => network));
  for (let network = 0; network < networkCount; network++) {
    if (!used.has(network) && !isInterface(bridgeName(config.instance, network))) continue;
    await turns.take(turnOf({ network }), async () => {
      if (!placesOf(context).some((place) => place.network === network)) {
        await resolver.leave(network);
        await removeInterface(op, bridgeName(config.instance, network));
        return;
      }
      await ensureBridge(op, config.instance, names.subnet, network);
      await resolver.serve(network);
    });
  }
}

export function placesOf(context: ContainerContext): Place[] {
  return listRecords(context.config).map((record) => record.place);
}

function turnOf({ network }: Pick<Place, 'network'>): string {
  return `network ${network}`;
}
