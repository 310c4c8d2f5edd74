import { CodedError, describe } from '@bhatti/base/errors.ts';
import { chmodSync, chownSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const socketMode = 0o660;
const closeMs = 2_000; // for replies that are under way; what takes longer is cut

/** Listens on the control socket, for root and, where it exists, group `bhatti`. A file left there belongs to a daemon that is gone: the lock on the data directory says so. */
export async function listenOnSocket(server: Server, path: string): Promise<AsyncDisposable> {
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    await listen(server, () => server.listen(path), path);
  } finally {
    process.umask(before);
  }
  const gid = groupId('bhatti');
  if (gid !== undefined) chownSync(path, 0, gid);
  chmodSync(path, gid === undefined ? 0o600 : socketMode);
  return closing(server, () => rmSync(path, { force: true }));
}

/** Throws LOCKED when the port is taken. */
export async function listenOnTcp(server: Server, { host, port }: ListenAddress): Promise<AsyncDisposable> {
  await listen(server, () => server.listen(port, host), formatAddress({ host, port }));
  return closing(server, () => {});
}

export function formatAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listen(server: Server, begin: () => void, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(cannotListen(where, error)));
    begin();
  });
}

function cannotListen(where: string, error: unknown): CodedError {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return new CodedError(
    isTaken ? 'LOCKED' : 'HOST_UNSUPPORTED',
    `cannot listen on ${where}: ${isTaken ? 'another program listens there' : describe(error)}`,
    { what: where, needs: where },
    { cause: error, hint: 'choose another address: bhatti serve --listen 127.0.0.1:PORT' },
  );
}

function closing(server: Server, after: () => void): AsyncDisposable {
  // Upgraded connections are nobody's requests any more: the server's own list passes over them, and its close waits for them.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (_asked: IncomingMessage, socket: Duplex) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // They have no end to wait for, and whoever looks at a desktop connects again.
      for (const socket of upgraded) socket.destroy();
      const cut = setTimeout(() => server.closeAllConnections(), closeMs);
      await closed;
      clearTimeout(cut);
      after();
    },
  };
}

function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  const gid = Number(line?.split(':')[2]);
  return line !== undefined && Number.isInteger(gid) ? gid : undefined;
}
