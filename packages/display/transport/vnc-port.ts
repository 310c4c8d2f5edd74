import { CodedError, describe } from '@bhatti/base/errors.ts';
import type { WebSocketEvents } from '@bhatti/sys/http/server.ts';
import { openTlsAcceptor } from '@bhatti/sys/native/tls.ts';
import type { TlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { LoginGate } from './login-gate.ts';
import type { ViewerArrival } from '../viewer-session/viewer-session.ts';
import { VncConnection } from './vnc-connection.ts';

export interface VncPortParts {
  readonly listen: { readonly host: string; readonly port: number };
  readonly identity: TlsIdentity;
  readonly login: Pick<LoginGate, 'checkLogin'>;
  /** A viewer that may come in; rejects when it may not. */
  admitViewer(arrival: ViewerArrival): Promise<WebSocketEvents>;
  readonly limits?: VncLimits;
}

export interface VncLimits {
  /** For all that programs do by themselves, until TLS stands. */
  readonly negotiationMs: number;
  /** From there until the viewer is in: a person looks at the certificate and types the password. */
  readonly loginMs: number;
  /** Connections at once whose password is not known yet. */
  readonly maxStrangers: number;
}

const keepAliveMs = 60_000;
const usualLimits: VncLimits = { negotiationMs: 15_000, loginMs: 120_000, maxStrangers: 32 };

export interface VncPort extends AsyncDisposable {
  readonly port: number;
}

/** RFB over plain TCP, for VNC programs: VeNCrypt with user and password, nothing else. Behind it a viewer has the same session as one in a browser. */
export async function listenVnc(parts: VncPortParts): Promise<VncPort> {
  const limits = parts.limits ?? usualLimits;
  const tls = openTlsAcceptor(parts.identity);
  const connections = new Set<VncConnection>();
  /** With their addresses, the oldest first. */
  const strangers = new Map<VncConnection, string>();
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs }, (socket) => {
    // Whoever opens connections and says nothing must not keep out who is about to type the password.
    if (strangers.size >= limits.maxStrangers) firstOfMost(strangers)?.abort();
    const connection = new VncConnection(socket, {
      ...parts,
      limits,
      tls,
      onKnown: () => strangers.delete(connection),
      onGone() {
        connections.delete(connection);
        strangers.delete(connection);
      },
    });
    connections.add(connection);
    strangers.set(connection, socket.remoteAddress ?? '');
  });
  try {
    await listening(server, parts.listen);
  } catch (error) {
    tls[Symbol.dispose]();
    throw error;
  }
  // SAFETY: a TCP server that listens has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of connections) connection.abort();
      await closed;
      tls[Symbol.dispose]();
    },
  };
}

/** The oldest connection of the address that has the most. */
function firstOfMost(strangers: ReadonlyMap<VncConnection, string>): VncConnection | undefined {
  const byAddress = Map.groupBy(strangers, ([, address]) => address);
  const [most] = [...byAddress.values()].toSorted((a, b) => b.length - a.length);
  return most?.[0]?.[0];
}

async function listening(server: Server, { host, port }: VncPortParts['listen']): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    const where = `${host}:${port}`;
    const message = `cannot open the VNC port on ${where}: ${describe(cause)}`;
    throw new CodedError('HOST_UNSUPPORTED', message, { needs: `a free address ${where}` }, { cause });
  }
}
