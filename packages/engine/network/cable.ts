import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import { addressOf, bridgeName, gatewayOf, macOf, portName, type Place, type Subnet } from './address.ts';
import { removeInterface, uplinkMtu } from './bridge.ts';

export interface CableRequest {
  readonly instance: string;
  readonly subnet: Subnet;
  readonly place: Place;
  /** Path of the sandbox's network namespace. */
  readonly namespace: string;
}

/**
 * Connects a sandbox's network namespace with its owner's bridge: `eth0` inside, a port of the bridge outside. Made from inside, with the other end put here, so that it
 * goes with the namespace whatever happens to us.
 */
export async function plugCable(op: Operation, request: CableRequest): Promise<void> {
  const { instance, subnet, place } = request;
  const port = portName(instance, place);
  await removeInterface(op, port);
  const inside = [
    `link add name eth0 address ${macOf(subnet, place)} mtu ${uplinkMtu()} type veth peer name ${port} netns ${process.pid}`,
    `addr add ${addressOf(subnet, place)}/24 dev eth0`,
    'link set lo up',
    'link set eth0 up',
    `route add default via ${gatewayOf(subnet, place.network)} dev eth0`,
  ];
  await run(op, ['nsenter', `--net=${request.namespace}`, 'ip', '-batch', '-'], { stdin: `${inside.join('\n')}\n` });
  const outside = [
    `link set ${port} mtu ${uplinkMtu()} addrgenmode none master ${bridgeName(instance, place.network)}`,
    `link set ${port} up`,
  ];
  await run(op, ['ip', '-batch', '-'], { stdin: `${outside.join('\n')}\n` });
}
