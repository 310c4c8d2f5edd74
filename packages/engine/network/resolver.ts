import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { gatewayOf, type Subnet } from './address.ts';
import { answerQuery, type Directory } from './dns-answer.ts';
import { forwardQuery, LengthPrefixed, lengthPrefixed, type DnsTransport } from './dns-forward.ts';
import { parseQuery } from './dns-message.ts';

const dnsPort = 53;
const maxPending = 256; // over all networks; more are dropped, as a busy resolver does
const maxPendingPerSender = 48; // a browser's start page asks for a few dozen names at once
const maxTcpConnections = 64;
const maxQueryBytes = 4_096; // a question and its EDNS options are under 600
const tcpIdleMs = 5_000;

/** Answers DNS on the gateways of networks, UDP and TCP, as long as this process lives. */
export class Resolver implements AsyncDisposable {
  readonly #subnet: Subnet;
  readonly #directory: Directory;
  readonly #networks = new Map<number, Promise<Listening>>();
  readonly #pending = new Map<string, number>();
  #pendingCount = 0;

  constructor(subnet: Subnet, directory: Directory) {
    this.#subnet = subnet;
    this.#directory = directory;
  }

  /** Listens on a network's gateway, whose bridge must be there. Idempotent. Where another server of the host has the port, the sandboxes go without. */
  async serve(network: number): Promise<void> {
    const there = this.#networks.get(network);
    if (there !== undefined) {
      await there;
      return;
    }
    const opening = this.#open(network);
    this.#networks.set(network, opening);
    try {
      await opening;
    } catch (error) {
      this.#networks.delete(network);
      announce('daemon:error', { what: 'dns', gateway: gatewayOf(this.#subnet, network), message: describe(error) });
    }
  }

  async leave(network: number): Promise<void> {
    const listening = this.#networks.get(network);
    this.#networks.delete(network);
    await closeAll(await listening);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const network of this.#networks.keys()) await this.leave(network);
  }

  async #open(network: number): Promise<Listening> {
    const address = gatewayOf(this.#subnet, network);
    const udp = createSocket('udp4');
    udp.on('message', (message, from) => {
      void this.#reply(network, from.address, new Uint8Array(message), 'udp').then((reply) => {
        if (reply !== undefined) udp.send(reply, from.port, from.address);
      });
    });
    const connections = new Set<TcpSocket>();
    const tcp = createServer((connection) => this.#serveTcp(network, connection, connections));
    tcp.maxConnections = maxTcpConnections;
    try {
      await listenUdp(udp, address);
      await listenTcp(tcp, address);
    } catch (error) {
      await closeAll({ udp, tcp, connections });
      throw error;
    }
    return { udp, tcp, connections };
  }

  #serveTcp(network: number, connection: TcpSocket, connections: Set<TcpSocket>): void {
    const reader = new LengthPrefixed(maxQueryBytes);
    connections.add(connection);
    connection.setTimeout(tcpIdleMs, () => connection.destroy());
    connection.on('error', () => connection.destroy()); // expected: the guest went away
    connection.on('close', () => connections.delete(connection));
    connection.on('data', (chunk: Uint8Array) => {
      const messages = reader.push(chunk);
      if (messages === undefined) connection.destroy();
      for (const message of messages ?? []) {
        void this.#reply(network, connection.remoteAddress ?? '', message, 'tcp').then((reply) => {
          if (reply === undefined) connection.destroy();
          else if (!connection.destroyed) connection.write(lengthPrefixed(reply));
        });
      }
    });
  }

  async #reply(
    network: number,
    sender: string,
    bytes: Uint8Array,
    transport: DnsTransport,
  ): Promise<Uint8Array | undefined> {
    const query = parseQuery(bytes);
    const mine = this.#pending.get(sender) ?? 0;
    if (query === undefined || this.#pendingCount >= maxPending || mine >= maxPendingPerSender) return undefined;
    this.#pendingCount++;
    this.#pending.set(sender, mine + 1);
    try {
      return await answerQuery({ query, bytes, transport, network, directory: this.#directory, forward: forwardQuery });
    } finally {
      this.#pendingCount--;
      const left = (this.#pending.get(sender) ?? 1) - 1;
      if (left === 0) this.#pending.delete(sender);
      else this.#pending.set(sender, left);
    }
  }
}

interface Listening {
  readonly udp: UdpSocket;
  readonly tcp: Server;
  readonly connections: ReadonlySet<TcpSocket>;
}

function listenUdp(socket: UdpSocket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port: dnsPort, address }, () => {
      socket.removeListener('error', reject);
      // Expected from now on: replies to a sandbox that is gone.
      socket.on('error', (error) => announce('daemon:error', { what: 'dns', message: describe(error) }));
      resolve();
    });
  });
}

function listenTcp(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: dnsPort, host }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function closeAll(listening: Listening | undefined): Promise<void> {
  if (listening === undefined) return;
  for (const connection of listening.connections) connection.destroy();
  const closings = [listening.udp, listening.tcp].map(
    (socket) =>
      new Promise<void>((resolve) => {
        try {
          socket.close(() => resolve());
        } catch {
          resolve(); // expected: it never listened
        }
      }),
  );
  await Promise.all(closings);
}
