import { openWebSocket, type WebSocketClient } from '@bhatti/sys/net/websocket-client.ts';
import { channelStdin, type ExecGuestMessage, type ExecReply, type ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { TestDaemon } from './daemon.ts';
import { until } from './until.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly reply: ExecReply;
}

export interface AgentReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** One sandbox, spoken to as the daemon does: over its agent socket. */
export class TestGuest implements AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly id: string;

  private constructor(daemon: TestDaemon, id: string) {
    this.daemon = daemon;
    this.id = id;
  }

  static async start(
    options: { readonly image?: string; readonly env?: Record<string, string>; readonly diskMib?: number } = {},
  ): Promise<TestGuest> {
    const image = options.image ?? 'minimal';
    const daemon = await TestDaemon.start({ images: [image] });
    const sandbox = await daemon.create({
      name: 'box',
      image,
      memory_mb: 1024,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.diskMib === undefined ? {} : { disk_size_mb: options.diskMib }),
    });
    const guest = new TestGuest(daemon, sandbox.id);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    return guest;
  }

  get agentSocket(): string {
    return join(this.daemon.runDir, 'sandboxes', this.id, 'agent.sock');
  }

  call(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<AgentReply> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.agentSocket, method, path, headers, agent: false }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes, text: bytes.toString() });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async exec(argv: readonly string[], more: Partial<ExecRequest> = {}): Promise<Ran> {
    const { status, text } = await this.call('POST', '/exec', JSON.stringify({ argv, ...more }));
    if (status !== 200) throw new Error(`exec ${argv.join(' ')}: ${status} ${text}`);
    const reply: ExecReply = JSON.parse(text);
    return {
      exitCode: reply.exitCode,
      stdout: Buffer.from(reply.stdoutBase64, 'base64').toString(),
      stderr: Buffer.from(reply.stderrBase64, 'base64').toString(),
      reply,
    };
  }

  /** A script as root; fails the test when it fails. */
  async root(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.exec(['sh', '-c', script], { user: 'root' });
    if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Writes a unit file and tells lohar. */
  async unit(name: string, text: string): Promise<void> {
    await this.exec(['sh', '-c', `cat >/etc/systemd/system/${name} && systemctl daemon-reload`], {
      user: 'root',
      stdinBase64: Buffer.from(text).toString('base64'),
    });
  }

  async property(unit: string, name: string): Promise<string> {
    return (await this.exec(['systemctl', 'show', '-p', name, '--value', unit])).stdout.trim();
  }

  async state(unit: string): Promise<string> {
    const { stdout } = await this.exec(['systemctl', 'show', '-p', 'ActiveState,SubState', '--value', unit]);
    return stdout.trim().replace('\n', '/');
  }

  /** Kills lohar and waits for the next one. */
  async killLohar(): Promise<void> {
    const before = (await this.root('pgrep -x lohar')).trim();
    await this.exec(['sh', '-c', `kill -9 ${before}`], { user: 'root' }).catch(() => {}); // the answer dies with it
    await until(async () => {
      try {
        return (await this.root('pgrep -x lohar')).trim() !== before;
      } catch {
        return false; // not back yet
      }
    });
  }

  /** Runs a script while no lohar is there: it is killed, and its supervisor is asked to wait. */
  async whileAway(script: string): Promise<void> {
    const before = (await this.root('pgrep -x lohar')).trim();
    const away = `cd /run/bhatti/init && s6-svc -wD -T 5000 -dk lohar; ${script}; s6-svc -u lohar`;
    const argv = ['setsid', '-f', 'sh', '-c', away];
    await this.call('POST', '/exec', JSON.stringify({ argv, user: 'root', detach: true })).catch(() => {});
    await until(async () => {
      try {
        return (await this.root('pgrep -x lohar')).trim() !== before;
      } catch {
        return false; // away
      }
    });
  }

  stream(first: (Partial<ExecRequest> & { argv: string[] }) | { readonly session: string }): Promise<TestStream> {
    return TestStream.open(this.agentSocket, first);
  }

  connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path: this.agentSocket, allowHalfOpen: true });
      socket.once('connect', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.daemon[Symbol.asyncDispose]();
  }
}

/** One client of the exec WebSocket. */
export class TestStream {
  readonly #socket: WebSocketClient;
  readonly messages: ExecGuestMessage[] = [];
  readonly #chunks = new Map<number, Buffer[]>();
  #hasHungUp = false;
  acknowledgedBytes = 0;
  isClosed = false;

  private constructor(socket: WebSocketClient) {
    this.#socket = socket;
  }

  static async open(
    agentSocket: string,
    first: (Partial<ExecRequest> & { argv: string[] }) | { readonly session: string },
  ): Promise<TestStream> {
    const query = 'session' in first ? `?session=${first.session}` : '';
    const opening = await openWebSocket({
      connect: { unix: agentSocket },
      host: 'agent',
      path: `/exec${query}`,
      headers: {},
    });
    if (opening.kind === 'refused') throw new Error(`upgrade refused: ${opening.status} ${opening.body}`);
    const stream = new TestStream(opening.socket);
    stream.#read().catch((error: unknown) => {
      // Whoever hangs up is not told good-bye.
      if (!stream.#hasHungUp) throw error;
    });
    if (!('session' in first)) stream.tell({ type: 'exec', ...first });
    return stream;
  }

  tell(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  input(bytes: Uint8Array | string): void {
    this.#socket.send(Buffer.concat([Buffer.from([channelStdin]), Buffer.from(bytes)]));
  }

  output(channel: number): Buffer {
    return Buffer.concat(this.#chunks.get(channel) ?? []);
  }

  find<T extends ExecGuestMessage['type']>(type: T): (ExecGuestMessage & { type: T }) | undefined {
    // SAFETY: the type was just compared.
    return this.messages.find((message) => message.type === type) as (ExecGuestMessage & { type: T }) | undefined;
  }

  async ended(): Promise<ExecGuestMessage> {
    return until(
      () => this.find('exit') ?? this.find('error'),
      () => JSON.stringify(this.messages),
    );
  }

  close(): void {
    this.#hasHungUp = true;
    this.#socket.close();
  }

  async #read(): Promise<void> {
    for await (const message of this.#socket.messages) {
      if (typeof message !== 'string') {
        const channel = message[0] ?? -1;
        this.#chunks.set(channel, [...(this.#chunks.get(channel) ?? []), Buffer.from(message.subarray(1))]);
        continue;
      }
      const event: ExecGuestMessage = JSON.parse(message);
      if (event.type === 'ack') this.acknowledgedBytes += event.bytes;
      this.messages.push(event);
    }
    this.isClosed = true;
  }
}
