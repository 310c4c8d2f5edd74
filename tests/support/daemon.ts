import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable, imagesDir } from './capability.ts';
import { until } from './until.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- WHY: tests look into documents of every shape, and fail where one is not as expected.
  readonly json: any;
}

export interface Call {
  readonly headers?: Record<string, string>;
  /** A string or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Over TCP instead of the control socket. */
  readonly isTcp?: boolean;
}

/**
 * A real daemon in a process of its own, with directories, network and names of its own. `images` are those that it shall have.
 * Disposal destroys its sandboxes and takes away everything that it made on this machine.
 */
export class TestDaemon implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'bhatti-test-'));
  readonly instance = `bt${Math.floor(Math.random() * 36 ** 3)
    .toString(36)
    .padStart(3, '0')}`;
  readonly subnet = `10.${160 + Math.floor(Math.random() * 80)}.0.0/16`;
  readonly port: number;
  log = '';
  #child: Bun.Subprocess<'ignore', 'ignore', 'pipe'> | undefined;

  private constructor(port: number) {
    // A sandbox's own root is nobody out here, and must be able to pass through to its root file system.
    chmodSync(this.dir, 0o711);
    this.port = port;
  }

  static async start(options: { images?: readonly string[]; config?: object } = {}): Promise<TestDaemon> {
    const daemon = new TestDaemon(await freePort());
    mkdirSync(join(daemon.dataDir, 'images'), { recursive: true });
    for (const image of options.images ?? ['minimal'])
      symlinkSync(join(imagesDir, image), join(daemon.dataDir, 'images', image));
    await Bun.write(join(daemon.dir, 'config.yaml'), JSON.stringify({ idle: { warm_after_s: 0 }, ...options.config }));
    await daemon.run();
    return daemon;
  }

  get dataDir(): string {
    return join(this.dir, 'data');
  }
  get runDir(): string {
    return join(this.dir, 'run');
  }
  get socketPath(): string {
    return join(this.runDir, 'bhatti.sock');
  }
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Arguments of `bhatti` for this daemon's own place on the machine. */
  get args(): string[] {
    return [
      'serve',
      `--config=${join(this.dir, 'config.yaml')}`,
      `--data-dir=${this.dataDir}`,
      `--run-dir=${this.runDir}`,
      `--instance=${this.instance}`,
      `--subnet=${this.subnet}`,
      `--listen=127.0.0.1:${this.port}`,
    ];
  }

  /** Starts the process and waits until it serves. */
  async run(): Promise<void> {
    const child = Bun.spawn([executable, ...this.args], {
      env: { ...process.env, BHATTI_EXECUTABLE: executable },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    void this.#collect(child.stderr);
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}:\n${this.log}`);
        return existsSync(this.socketPath) && (await this.isServing());
      },
      () => this.log,
    );
  }

  /** Ends the process with a signal and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    this.#child?.kill(signal);
    await this.#child?.exited;
    return this.#child?.exitCode ?? -1;
  }

  async isServing(): Promise<boolean> {
    try {
      return (await this.call('GET', '/health')).status === 200;
    } catch {
      return false; // expected: not yet, or not any more
    }
  }

  call(method: string, path: string, options: Call = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const isRaw = typeof options.body === 'string' || options.body instanceof Uint8Array;
      const sent = request(
        {
          ...(options.isTcp === true ? { host: '127.0.0.1', port: this.port } : { socketPath: this.socketPath }),
          method,
          path,
          agent: false,
          headers: { ...(isRaw ? {} : { 'content-type': 'application/json' }), ...options.headers },
        },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('error', reject);
          reply.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const text = bytes.toString();
            resolve({
              status: reply.statusCode ?? 0,
              headers: reply.headers,
              bytes,
              text,
              get json() {
                return JSON.parse(text);
              },
            });
          });
        },
      );
      sent.on('error', reject);
      if (options.body === undefined) sent.end();
      else sent.end(isRaw ? options.body : JSON.stringify(options.body));
    });
  }

  /** Creates a sandbox and fails the test when that fails. */
  async create(request: object): Promise<Reply['json']> {
    const reply = await this.call('POST', '/sandboxes', { body: request });
    if (reply.status !== 201) throw new Error(`create: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** Runs a command as a script of sh and gives what it printed; fails the test when it fails. */
  async sh(sandbox: string, script: string, more: object = {}): Promise<string> {
    const reply = await this.call('POST', `/sandboxes/${sandbox}/exec`, {
      body: { argv: ['sh', '-c', script], ...more },
    });
    if (reply.status !== 200 || reply.json.exitCode !== 0) throw new Error(`exec: ${reply.status} ${reply.text}`);
    return reply.json.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child?.exitCode !== null) await this.run();
    const sandboxes: { id: string }[] = (await this.call('GET', '/sandboxes')).json;
    for (const { id } of sandboxes) await this.call('DELETE', `/sandboxes/${id}`);
    await this.end('SIGTERM');
    this.#removeShared();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** What an instance keeps between sandboxes: firewall tables and the parents of control groups. */
  #removeShared(): void {
    for (const family of ['inet', 'bridge'])
      Bun.spawnSync(['nft', 'delete', 'table', family, this.instance], { stdio: ['ignore', 'ignore', 'ignore'] });
    for (const hierarchy of ['.', ...readdirSync('/sys/fs/cgroup')]) {
      const group = join('/sys/fs/cgroup', hierarchy, this.instance);
      if (existsSync(group)) rmdirSync(group);
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.log += decoder.decode(chunk, { stream: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      // SAFETY: a TCP server that listens has such an address.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
