/**
 * Where a sandbox must not get: the ranges of IANA's special-purpose registry (RFC 6890) that networks use for themselves. A host's private networks and a cloud's metadata service are in
 * these; the host's own addresses are refused by another rule, whatever they are. The ranges for documentation are not here: nothing of worth is in them, but laboratories use them as the internet.
 */
export const blockedRanges: readonly string[] = [
  '0.0.0.0/8', // "this network"
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // carriers' private, RFC 6598; also some clouds' metadata and overlay networks
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local; metadata services of clouds
  '172.16.0.0/12', // private, RFC 1918
  '192.0.0.0/24', // protocol assignments, RFC 6890
  '192.168.0.0/16', // private, RFC 1918
  '198.18.0.0/15', // benchmarks
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

const ranges = blockedRanges.map((range) => {
  const [address = '', bits = ''] = range.split('/');
  const mask = -1 << (32 - Number(bits));
  return { mask, network: parseIpv4(address) & mask };
});

/** Whether an IPv4 address, as a 32-bit number, is in a blocked range. */
export function isBlockedIpv4(address: number): boolean {
  return ranges.some(({ mask, network }) => (address & mask) === network);
}

/** `1.2.3.4` as a signed 32-bit number. */
export function parseIpv4(text: string): number {
  return text.split('.').reduce((number, part) => (number << 8) | Number(part), 0);
}
