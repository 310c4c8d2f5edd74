import type { TlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import type { Credential } from '../credentials/password-file.ts';

/** What the supervisor tells the streaming process on its standard input, one JSON document a line. The end of the input means: stop. */
export interface Orders {
  /** The cookie of the X server, in base64; it never changes while a streaming process lives. */
  readonly cookie: string;
  readonly credentials: readonly Credential[];
  /** Of the port for VNC programs, where it is on: its key is root's to read. */
  readonly tlsIdentity?: TlsIdentity | undefined;
}

export function encodeOrders(orders: Orders): Uint8Array {
  return Buffer.from(`${JSON.stringify(orders)}\n`);
}

export function decodeOrders(line: string): Orders {
  // SAFETY: the line comes from our own supervisor, which is the same executable and has more rights than we.
  return JSON.parse(line) as Orders;
}
