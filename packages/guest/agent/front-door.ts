import { announce } from '@bhatti/base/log.ts';
import { desktopTarget } from '@bhatti/wire/agent/connect.ts';
import { guestDisplaySocket } from '@bhatti/wire/guest-paths.ts';
import { createServer, connect, type NetConnectOpts, type Server, type Socket } from 'node:net';

/*
 * The agent socket that the engine handed over. A CONNECT becomes a raw relay to a port of this sandbox, or to the display server's control socket; everything else is relayed to the HTTP server on the internal socket, since the
 * runtime's HTTP server cannot take over a descriptor. The first bytes decide; none is lost, and pipes carry the back-pressure.
 */
const connectVerb = 'CONNECT ';
const established = 'HTTP/1.1 200 Connection established\r\n\r\n';
const maxHeadBytes = 8_192;
const hosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

export function openFrontDoor(listenFd: number, httpSocket: string): Server {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => admit(client, httpSocket));
  server.listen({ fd: listenFd });
  return server;
}

function admit(client: Socket, httpSocket: string): void {
  let head: Buffer = Buffer.alloc(0);
  client.on('error', () => client.destroy()); // expected: the peer vanished
  client.on('data', function decide(chunk: Buffer) {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const start = head.subarray(0, connectVerb.length).toString('latin1');
    if (start !== connectVerb.slice(0, start.length)) {
      client.off('data', decide);
      relay(client, connect({ path: httpSocket, allowHalfOpen: true }), head);
    } else {
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 && head.length <= maxHeadBytes) return;
      client.off('data', decide);
      if (end === -1) client.end('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n');
      else void openTunnel(client, head.subarray(0, end).toString('latin1'), head.subarray(end + 4));
    }
  });
}

async function openTunnel(client: Socket, head: string, early: Buffer): Promise<void> {
  client.pause();
  if (head.startsWith(`${connectVerb}${desktopTarget} `)) return openDesktop(client, early);
  const target = /^CONNECT (\S+):(\d{1,5}) HTTP\/1\.[01]/.exec(head);
  const port = Number(target?.[2] ?? 0);
  if (target === null || !hosts.has(target[1] ?? '') || port < 1 || port > 65_535)
    return refuse(client, 400, 'INVALID_ARGUMENT', 'cannot connect: the target is not 127.0.0.1:PORT');
  const service = (await dial('127.0.0.1', port)) ?? (await dial('::1', port));
  if (service === undefined)
    return refuse(client, 502, 'BAD_GATEWAY', `cannot connect to port ${port}: nothing answers there`);
  announce('agent:exec', { tunnel: port });
  client.write(established);
  relay(client, service, early);
}

async function openDesktop(client: Socket, early: Buffer): Promise<void> {
  const display = await dialSocket({ path: guestDisplaySocket, allowHalfOpen: true });
  if (display === undefined)
    return refuse(client, 502, 'DISPLAY_UNAVAILABLE', 'the desktop is not there: its display server is not running');
  client.write(established);
  relay(client, display, early);
}

/** A connection, or undefined when nothing accepts. Programs that listen on one address family only are found by trying both. */
function dial(host: string, port: number): Promise<Socket | undefined> {
  return dialSocket({ host, port, allowHalfOpen: true, noDelay: true });
}

function dialSocket(options: NetConnectOpts): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(options);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined)); // expected: refused
  });
}

function relay(client: Socket, service: Socket, early: Buffer): void {
  const dropBoth = () => {
    client.destroy();
    service.destroy();
  };
  service.on('error', dropBoth);
  client.on('error', dropBoth);
  client.on('close', dropBoth);
  service.on('close', () => client.destroySoon());
  if (early.length > 0) service.write(early);
  client.pipe(service);
  service.pipe(client);
}

function refuse(client: Socket, status: number, code: string, message: string): void {
  const body = JSON.stringify({ error: message, code, message });
  client.end(
    `HTTP/1.1 ${status} ${code}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
