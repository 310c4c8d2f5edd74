/** A sandbox's name as a host name: RFC 1123 knows no underscore, and a dot would make it a domain. Engine, resolver and boot must agree on it. */
export function hostnameOf(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return label === '' ? 'sandbox' : label;
}
