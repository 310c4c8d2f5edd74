// `bhatti mcp` as its clients meet it: the SDK's own client, and a raw one for what the SDK would never send.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';

import { executable } from './capability.ts';
import { until } from './until.ts';

const environment = (more: Readonly<Record<string, string>>) => ({
  PATH: process.env['PATH'] ?? '',
  // Nothing of the caller's own configuration.
  HOME: '/nonexistent',
  BHATTI_RUN_DIR: '/nonexistent',
  ...more,
});

/** A client of the SDK with what the tests ask of it. */
export class McpClient implements AsyncDisposable {
  readonly sdk: Client;
  readonly #end: () => Promise<void>;

  private constructor(sdk: Client, end: () => Promise<void>) {
    this.sdk = sdk;
    this.#end = end;
  }

  /** Starts `bhatti mcp …` and speaks with it on its standard input and output. */
  static async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<McpClient> {
    const sdk = new Client({ name: 'test', version: '1' });
    await sdk.connect(
      new StdioClientTransport({
        command: executable,
        args: ['mcp', ...args],
        env: environment(env),
        stderr: 'inherit',
      }),
    );
    return new McpClient(sdk, () => sdk.close());
  }

  /** Speaks with a server that listens. */
  static async connect(url: string, token: string): Promise<McpClient> {
    const sdk = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    // The SDK's own types disagree here where optional properties are exact.
    // SAFETY: this class is a transport by its own declaration.
    await sdk.connect(transport as Parameters<Client['connect']>[0]);
    return new McpClient(sdk, async () => {
      await transport.terminateSession();
      await sdk.close();
    });
  }

  async tools(): Promise<readonly string[]> {
    return (await this.sdk.listTools()).tools.map(({ name }) => name).toSorted();
  }

  async call(name: string, args: object = {}, options: { signal?: AbortSignal } = {}): Promise<CallToolResult> {
    const result = await this.sdk.callTool({ name, arguments: { ...args } }, CallToolResultSchema, options);
    return CallToolResultSchema.parse(result);
  }

  /** The document of a call; fails the test when the call failed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- WHY: tests look into documents of every shape, and fail where one is not as expected.
  async must(name: string, args: object = {}): Promise<any> {
    const result = await this.call(name, args);
    if (result.isError === true) throw new Error(`${name}: ${textOf(result)}`);
    return result.structuredContent;
  }

  /** The error that a call ended with, as a document; undefined when it went well. */
  // oxlint-disable-next-line typescript/no-explicit-any -- WHY: as above.
  async error(name: string, args: object = {}): Promise<any> {
    const result = await this.call(name, args);
    return result.isError === true ? result.structuredContent?.['error'] : undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** What a promise was rejected with; fails the test when it was not. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it was not refused: ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
}

/** All text of a result. */
export function textOf({ content }: CallToolResult): string {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

/** A process `bhatti mcp …` that is sent whatever the test likes. */
export class RawMcp implements AsyncDisposable {
  readonly #child;
  #stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = Bun.spawn([executable, 'mcp', ...args], { env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] });
    void this.#collect();
    void this.#collectErrors();
  }

  get pid(): number {
    return this.#child.pid;
  }
  get exited(): Promise<number> {
    return this.#child.exited;
  }
  get stdin() {
    return this.#child.stdin;
  }
  get stdout(): string {
    return this.#stdout;
  }

  async send(line: string | object): Promise<void> {
    void this.stdin.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
    await this.stdin.flush();
  }

  async initialize(): Promise<void> {
    await this.send({
      jsonrpc: '2.0',
      id: 'init',
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    });
    await this.reply('init');
    await this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  /** The message that answers this id. */
  // oxlint-disable-next-line typescript/no-explicit-any -- WHY: as above.
  reply(id: string | number | null): Promise<any> {
    return until(
      () => this.messages().find((message) => message.id === id && message.method === undefined),
      () => `stdout ${JSON.stringify(this.#stdout.slice(-2_000))}, stderr ${this.stderr}`,
    );
  }

  /** All that came, a message each. */
  // oxlint-disable-next-line typescript/no-explicit-any -- WHY: as above.
  messages(): any[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) this.#stdout += decoder.decode(chunk, { stream: true });
  }

  async #collectErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) this.stderr += decoder.decode(chunk, { stream: true });
  }
}

/** A process `bhatti mcp --http …`, once it listens. */
export class HttpMcp implements AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly process: RawMcp;

  private constructor(process: RawMcp, url: string, token: string) {
    this.process = process;
    this.url = url;
    this.token = token;
  }

  static async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<HttpMcp> {
    const process = new RawMcp(['--http', '0', '--json', ...args], env);
    const said = await until(
      () => (process.stdout.endsWith('}\n') ? process.stdout : undefined),
      () => process.stderr,
    );
    const { url, token = '' } = JSON.parse(said);
    return new HttpMcp(process, url, token);
  }

  /** A POST as a program without the SDK makes it. */
  post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

export const initializeMessage = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
} as const;
