import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Whose key the site adds to what it passes on, if any. */
export interface SiteOptions {
  readonly daemonPort: number;
  /** Where the SDK for browsers lies. */
  readonly sdkDir: string;
  readonly key?: string;
}

/** A site of somebody's own: serves a page and the SDK, and passes all else on to the daemon, Host and Origin as they are. */
export class SdkSite implements AsyncDisposable {
  readonly #server: Server;

  private constructor(options: SiteOptions) {
    this.#server = createServer((asked, reply) => answer(options, asked, reply));
    this.#server.on('upgrade', (asked, socket, head) => {
      const behind = connect(options.daemonPort, '127.0.0.1');
      behind.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
      const lines = Object.entries(headersOf(options, asked)).map(([name, value]) => `${name}: ${value}\r\n`);
      behind.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
  }

  static async start(options: SiteOptions): Promise<SdkSite> {
    const site = new SdkSite(options);
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get url(): string {
    // SAFETY: a TCP server that listens has such an address.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answer(options: SiteOptions, asked: IncomingMessage, reply: ServerResponse): void {
  const path = (asked.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/')
    return void reply.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>x</title>');
  if (/^\/sdk\/[\w./-]+\.js$/.test(path)) {
    reply.writeHead(200, { 'content-type': 'text/javascript' });
    return void reply.end(readFileSync(join(options.sdkDir, path.slice('/sdk/'.length))));
  }
  const { method, url } = asked;
  const to = { host: '127.0.0.1', port: options.daemonPort, method, path: url, headers: headersOf(options, asked) };
  const sent = request(to, (behind) => {
    reply.writeHead(behind.statusCode ?? 502, behind.headers);
    behind.pipe(reply);
  });
  sent.on('error', () => reply.destroy());
  reply.on('close', () => sent.destroy());
  asked.pipe(sent);
}

function headersOf({ key }: SiteOptions, asked: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(asked.headers)) if (value !== undefined) headers[name] = String(value);
  return key === undefined ? headers : { ...headers, authorization: `Bearer ${key}` };
}
