import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import {
  addressOf,
  bridgeName,
  gatewayOf,
  macOf,
  networkCidr,
  portName,
  subnetCidr,
  type Place,
  type Subnet,
} from './address.ts';
import { blockedRanges } from './blocked-table.ts';

/** Names of the firewall's objects come from the instance, addresses from the subnet. */
export interface FirewallNames {
  readonly instance: string;
  readonly subnet: Subnet;
}

/**
 * Replaces the instance's two tables with ones that hold these places, in one transaction. They stand beside the tables of others: a packet must pass all of them, so nobody's rules are weakened.
 */
export async function loadFirewall(op: Operation, names: FirewallNames, places: readonly Place[]): Promise<void> {
  await run(op, ['nft', '-f', '-'], { stdin: firewallRules(names, places) });
}

/** Whether both tables are there. */
export async function isFirewallLoaded(op: Operation, { instance }: FirewallNames): Promise<boolean> {
  const { stdout } = await run(op, ['nft', 'list', 'tables']);
  const tables = stdout.split('\n');
  return tables.includes(`table inet ${instance}`) && tables.includes(`table bridge ${instance}`);
}

/** Adds one place. When the tables are gone (somebody flushed the rules of the host) all of them are loaded again. */
export async function admitPlace(
  op: Operation,
  names: FirewallNames,
  place: Place,
  all: () => readonly Place[],
): Promise<void> {
  try {
    await run(op, ['nft', '-f', '-'], { stdin: placeElements(names, place, 'add') });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
    op.log(`the firewall was not in place: ${error.message}`);
    await loadFirewall(op, names, [...all(), place]);
  }
}

/** Takes the tables away. */
export async function unloadFirewall(op: Operation, names: FirewallNames): Promise<void> {
  await run(op, ['nft', '-f', '-'], { stdin: dropTables(names.instance) });
}

function dropTables(instance: string): string {
  // Declared first, so that deleting what is not there is no error: nft 1.0 has no "destroy".
  return ['inet', 'bridge']
    .map((family) => `table ${family} ${instance}\ndelete table ${family} ${instance}\n`)
    .join('');
}

/**
 * The whole rule set as nft reads it. `inet`: what a sandbox may reach beyond its bridge. `bridge`: that it speaks as itself (own MAC and IPv4 address, no other protocol, so no
 * IPv6 either), before its frame reaches anybody.
 */
export function firewallRules(names: FirewallNames, places: readonly Place[]): string {
  const { instance, subnet } = names;
  return `${dropTables(instance)}
table inet ${instance} {
  set bridges { type ifname; }
  set networks { type ifname . ipv4_addr; flags interval; }
  set gateways { type ifname . ipv4_addr; }
  set siblings { type ifname . ifname; }
  set blocked { type ipv4_addr; flags interval; elements = { ${blockedRanges.join(', ')} } }

  chain refuse {
    # At once: the kernel sends only one ICMP error a second to each, and a program would wait for its time-out.
    meta l4proto tcp reject with tcp reset
    reject with icmpx type admin-prohibited
  }
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname @bridges meta nfproto ipv4 iifname . ip saddr != @networks drop
    iifname @bridges meta nfproto ipv6 drop
  }
  chain input {
    type filter hook input priority filter - 5; policy accept;
    iifname @bridges jump to_host
  }
  chain to_host {
    ct state established,related accept
    iifname . ip daddr @gateways udp dport 53 accept
    iifname . ip daddr @gateways tcp dport 53 accept
    iifname . ip daddr @gateways icmp type echo-request accept
    goto refuse
  }
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    iifname @bridges jump from_sandbox
    oifname @bridges jump to_sandbox
  }
  chain from_sandbox {
    ct state established,related accept
    ct state invalid drop
    meta nfproto != ipv4 drop
    iifname . oifname @siblings accept
    oifname @bridges goto refuse
    ip daddr @blocked goto refuse
  }
  chain to_sandbox {
    ct state established,related accept
    iifname . oifname @siblings accept
    drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnetCidr(subnet)} oifname != @bridges masquerade
  }
}
table bridge ${instance} {
  set ports { type ifname; }
  set speakers { type ifname . ether_addr . ipv4_addr; }

  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname @ports jump from_port
  }
  chain from_port {
    ether type ip iifname . ether saddr . ip saddr @speakers accept
    ether type arp iifname . ether saddr . arp saddr ip @speakers accept
    drop
  }
}
${places.map((place) => placeElements(names, place, 'add')).join('')}`;
}

/** The elements of one sandbox; those of its network are shared with its siblings and stay when it is deleted. */
export function placeElements(names: FirewallNames, place: Place, verb: 'add' | 'delete'): string {
  const { instance, subnet } = names;
  const port = portName(instance, place);
  const own = [
    `${verb} element bridge ${instance} ports { ${port} }`,
    `${verb} element bridge ${instance} speakers { ${port} . ${macOf(subnet, place)} . ${addressOf(subnet, place)} }`,
  ];
  return `${[...(verb === 'add' ? networkElements(names, place.network, verb) : []), ...own].join('\n')}\n`;
}

/** The elements of one network. */
export function networkElements(names: FirewallNames, network: number, verb: 'add' | 'delete'): string[] {
  const { instance, subnet } = names;
  const bridge = bridgeName(instance, network);
  return [
    `${verb} element inet ${instance} bridges { ${bridge} }`,
    `${verb} element inet ${instance} networks { ${bridge} . ${networkCidr(subnet, network)} }`,
    `${verb} element inet ${instance} gateways { ${bridge} . ${gatewayOf(subnet, network)} }`,
    `${verb} element inet ${instance} siblings { ${bridge} . ${bridge} }`,
  ];
}

/** Takes out one place and, with the last of a network, the network. */
export async function dismissPlace(op: Operation, names: FirewallNames, place: Place, isLast: boolean): Promise<void> {
  const lines = [
    placeElements(names, place, 'delete'),
    ...(isLast ? networkElements(names, place.network, 'delete') : []),
  ];
  try {
    await run(op, ['nft', '-f', '-'], { stdin: `${lines.join('\n')}\n` });
  } catch (error) {
    // Expected: it was never admitted, or somebody flushed the rules. Nothing of it is left then.
    if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
    op.log(`the firewall did not know the sandbox: ${error.message}`);
  }
}
