import { CodedError } from '@bhatti/base/errors.ts';

/** A sandbox's place: the number of its owner's network and its host number there. Fixed for its whole life. */
export interface Place {
  readonly network: number;
  readonly host: number;
}

/** An IPv4 /16, of which network N is the /24 with N as its third number. */
export interface Subnet {
  readonly prefix: `${number}.${number}`;
}

export const firstHost = 2; // .0 is the network, .1 the gateway
export const lastHost = 254; // .255 is the broadcast address
export const networkCount = 256;

/** Throws INVALID_ARGUMENT when it is not an IPv4 /16. */
export function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.0\.0\/16$/.exec(text);
  const [first, second] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || first > 223 || first === 0 || first === 127 || second > 255)
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot use subnet "${text}": it is not an IPv4 /16`,
      { argument: 'subnet', value: text },
      { hint: 'write it like 10.107.0.0/16' },
    );
  return { prefix: `${first}.${second}` };
}

export function subnetCidr(subnet: Subnet): string {
  return `${subnet.prefix}.0.0/16`;
}

export function networkCidr(subnet: Subnet, network: number): string {
  return `${subnet.prefix}.${network}.0/24`;
}

export function gatewayOf(subnet: Subnet, network: number): string {
  return `${subnet.prefix}.${network}.1`;
}

export function addressOf(subnet: Subnet, place: Place): string {
  return `${subnet.prefix}.${place.network}.${place.host}`;
}

/** Locally administered, and a function of the address: a static table can say which belongs to which. */
export function macOf(subnet: Subnet, place: Place): string {
  const numbers = [...subnet.prefix.split('.').map(Number), place.network, place.host];
  return ['02', 'b4', ...numbers.map((number) => number.toString(16).padStart(2, '0'))].join(':');
}

/** Name of a network's bridge. A dash keeps an instance that ends in a digit apart from another's network numbers. */
export function bridgeName(instance: string, network: number): string {
  return `${instance}${/\d$/.test(instance) ? '-' : ''}${network}`;
}

/** Name of the host's end of a sandbox's cable; at most 14 of the 15 characters that the kernel allows. */
export function portName(instance: string, place: Place): string {
  return `${bridgeName(instance, place.network)}v${place.host}`;
}
