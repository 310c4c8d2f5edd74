import { hasCode } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { bridgeName, gatewayOf, type Subnet } from './address.ts';

/** Makes an owner's bridge with the gateway's address on it. Idempotent. */
export async function ensureBridge(op: Operation, instance: string, subnet: Subnet, network: number): Promise<void> {
  const name = bridgeName(instance, network);
  if (isBridgeWhole(name)) return;
  const lines = [
    ...(isInterface(name) ? [] : [`link add name ${name} mtu ${uplinkMtu()} type bridge forward_delay 0`]),
    `addr replace ${gatewayOf(subnet, network)}/24 dev ${name}`,
  ];
  await run(op, ['ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
  // Before it is up: no link-local address of the host may ever be on a sandbox's network.
  trySysctl(`net/ipv6/conf/${name}/disable_ipv6`, '1');
  trySysctl(`net/ipv4/conf/${name}/rp_filter`, '1');
  trySysctl(`net/ipv4/conf/${name}/send_redirects`, '0');
  await run(op, ['ip', 'link', 'set', name, 'up']);
}

/** Removes a bridge or a port, if it is there and does not go by itself meanwhile, as a port does with its namespace. */
export async function removeInterface(op: Operation, name: string): Promise<void> {
  if (!isInterface(name)) return;
  try {
    await run(op, ['ip', 'link', 'delete', name]);
  } catch (error) {
    if (!hasCode(error, 'COMMAND_FAILED') || isInterface(name)) throw error;
  }
}

export function isInterface(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** Up is the last thing that ensureBridge does, so a bridge that is up has all the rest. */
function isBridgeWhole(name: string): boolean {
  try {
    return (Number(readFileSync(`/sys/class/net/${name}/flags`, 'utf8')) & 1) === 1; // IFF_UP
  } catch {
    return false; // expected: it is not there, or is going this moment
  }
}

/** Lets the host route for sandboxes. */
export function enableForwarding(): void {
  const path = '/proc/sys/net/ipv4/ip_forward';
  if (readFileSync(path, 'utf8').trim() !== '1') writeFileSync(path, '1');
}

const defaultMtu = 1500;

/** MTU of the way out, so that no packet of a sandbox is too big for it. */
export function uplinkMtu(): number {
  try {
    const route = readFileSync('/proc/net/route', 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000');
    const device = route?.[0];
    if (device === undefined) return defaultMtu;
    return Math.min(Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8')), defaultMtu);
  } catch {
    return defaultMtu; // expected: the route changed between the two looks
  }
}

function trySysctl(name: string, value: string): void {
  const path = `/proc/sys/${name}`;
  if (existsSync(path)) writeFileSync(path, value); // absent where the kernel has no IPv6
}
