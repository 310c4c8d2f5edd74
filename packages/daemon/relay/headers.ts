/** Header lines as node has them: name, value, name, value, …, in their order, spelling and number. */
export type RawHeaders = readonly string[];

// RFC 9110 §7.6.1: fields that are about one connection, and that an intermediary takes away. `Connection` itself may name more.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The lines that go on to the next hop. `drop` names more that do not, in lower case. */
export function endToEnd(headers: RawHeaders, drop: readonly string[] = []): string[] {
  const named = new Set([...connectionTokens(headers), ...drop]);
  const kept: string[] = [];
  eachHeader(headers, (name, value) => {
    const key = name.toLowerCase();
    if (!hopByHop.has(key) && !named.has(key)) kept.push(name, value);
  });
  return kept;
}

/** Every value of one field, in order. */
export function valuesOf(headers: RawHeaders, wanted: string): string[] {
  const values: string[] = [];
  eachHeader(headers, (name, value) => {
    if (name.toLowerCase() === wanted) values.push(value);
  });
  return values;
}

/** What a proxy tells the program behind it about the request. Whatever the client claimed about itself is replaced. */
export interface ForwardedFor {
  readonly peerAddress: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

export const forwardedNames: readonly string[] = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
];

export function forwardedHeaders({ peerAddress, scheme, host }: ForwardedFor): string[] {
  return ['X-Forwarded-For', peerAddress, 'X-Forwarded-Proto', scheme, 'X-Forwarded-Host', host];
}

function connectionTokens(headers: RawHeaders): string[] {
  return valuesOf(headers, 'connection')
    .join(',')
    .toLowerCase()
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
}

function eachHeader(headers: RawHeaders, visit: (name: string, value: string) => void): void {
  for (let at = 0; at + 1 < headers.length; at += 2) visit(headers[at] ?? '', headers[at + 1] ?? '');
}
