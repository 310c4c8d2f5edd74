import { type DesktopStatus, DesktopStatusSchema } from '@bhatti/wire/display/control.ts';
import * as v from 'valibot';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable } from './capability.ts';
import { until } from './until.ts';

/** One word 0x00RRGGBB a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly words: Int32Array;
}

export interface TestDisplayOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly width?: number;
  readonly height?: number;
  /** Text of kasmvnc.yaml. */
  readonly yaml?: string;
  /** Files that the server finds empty. */
  readonly emptied?: readonly string[];
}

const maxPictureAttempts = 5;
const account = { name: 'nobody', uid: 65_534, gid: 65_534 }; // there on every machine, and not root

/** Why the display server cannot run here; undefined when it can. */
export function whyNoDisplay(...programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(executable)) return `needs the executable at ${executable}: npm run build`;
  const missing = ['Xvnc', 'setpriv', 'import', 'xdpyinfo', ...programs].filter((name) => Bun.which(name) === null);
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

/** A real display server with directories, display and port of its own. X and streaming run as `nobody`. */
export class TestDisplay implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'bhatti-display-'));
  readonly display: number;
  readonly port: number;
  readonly #options: TestDisplayOptions;
  readonly #programs: Bun.Subprocess[] = [];
  log = '';
  #child: Bun.Subprocess<'ignore', 'pipe', 'pipe'> | undefined;

  private constructor(options: TestDisplayOptions, display: number, port: number) {
    this.#options = options;
    this.display = display;
    this.port = port;
    chmodSync(this.dir, 0o711);
    mkdirSync(this.home);
    chownSync(this.home, account.uid, account.gid);
    mkdirSync(this.rootHome, { mode: 0o700 });
    // The account must be able to reach the executable, wherever the repository is.
    try {
      linkSync(executable, this.executable);
    } catch {
      copyFileSync(executable, this.executable); // expected: another file system
    }
  }

  static async start(options: TestDisplayOptions = {}): Promise<TestDisplay> {
    const display = new TestDisplay(options, freeDisplay(), await freePort());
    if (options.yaml !== undefined) await Bun.write(display.yamlFile, options.yaml);
    try {
      await display.startServer();
    } catch (error) {
      await display[Symbol.asyncDispose]();
      throw error;
    }
    return display;
  }

  get home(): string {
    return join(this.dir, 'home');
  }
  get rootHome(): string {
    return join(this.dir, 'root');
  }
  get executable(): string {
    return join(this.dir, 'Xkasmvnc');
  }
  get yamlFile(): string {
    return join(this.dir, 'kasmvnc.yaml');
  }
  get passwordFile(): string {
    return join(this.rootHome, '.kasmpasswd');
  }
  get controlSocket(): string {
    return join(this.dir, 'run', 'control.sock');
  }

  get password(): string {
    return /^password: (.+)$/m.exec(readFileSync(join(this.rootHome, 'cleartext'), 'utf8'))?.[1] ?? '';
  }

  /** For programs of the desktop's account. */
  get env(): Record<string, string> {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      DISPLAY: `:${this.display}`,
      XAUTHORITY: join(this.rootHome, '.Xauthority'),
    };
  }

  get serverEnv(): Record<string, string> {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      BHATTI_DISPLAY_USER: account.name,
      BHATTI_DISPLAY_RUN_DIR: join(this.dir, 'run'),
      BHATTI_DISPLAY_HOME: this.home,
      BHATTI_DISPLAY_ROOT_HOME: this.rootHome,
      BHATTI_PASSWORD_FILE: this.passwordFile,
      BHATTI_CLEARTEXT_FILE: join(this.rootHome, 'cleartext'),
      BHATTI_KASMVNC_YAML: this.yamlFile,
      ...this.#options.env,
    };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async startServer(): Promise<void> {
    const { width = 640, height = 400, flags = [] } = this.#options;
    const argv = [
      `:${this.display}`,
      '-geometry',
      `${width}x${height}`,
      '-websocketPort',
      String(this.port),
      ...serverFlags,
    ];
    const child = Bun.spawn([...this.#inNamespace(), this.executable, ...argv, ...flags], {
      env: this.serverEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) void this.#collect(stream);
    await until(
      async () => child.exitCode !== null || (await this.#answers()),
      () => this.log,
    );
    if (child.exitCode !== null) throw new Error(`the display server ended with ${child.exitCode}:\n${this.log}`);
  }

  /** A command that runs the one after it, as the same process, where some files are empty. */
  #inNamespace(): string[] {
    const { emptied = [] } = this.#options;
    if (emptied.length === 0) return [];
    const mounts = emptied.map((path) => `mount --bind /dev/null ${path}`);
    return ['unshare', '--mount', 'sh', '-c', [...mounts, 'exec "$0" "$@"'].join(' && ')];
  }

  /** Ends the server in order; resolves to its exit code. */
  async stopServer(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#child?.kill(signal);
    return (await this.#child?.exited) ?? 0;
  }

  get exited(): Promise<number> {
    return this.#child?.exited ?? Promise.resolve(0);
  }

  /** Starts a program on the desktop, which ends with the test. */
  spawn(argv: readonly string[], options: { readonly stdin?: string } = {}): Bun.Subprocess<'pipe', 'pipe', 'pipe'> {
    const child = Bun.spawn([...argv], { env: { ...this.env, HOME: this.home }, stdio: ['pipe', 'pipe', 'pipe'] });
    if (options.stdin !== undefined) void child.stdin.write(options.stdin);
    void child.stdin.end();
    this.#programs.push(child);
    return child;
  }

  /** Runs a program to its end, and gives what it printed. */
  async run(...argv: readonly string[]): Promise<string> {
    const child = this.spawn(argv);
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(`${argv.join(' ')}: ${await new Response(child.stderr).text()}`);
    return text;
  }

  /** The X server's pixels as a third program sees them: one word 0x00RRGGBB a pixel. */
  async pixels(): Promise<Picture> {
    // A resize in the middle ends `import` with an X error.
    for (let attempt = 1; ; attempt++) {
      const child = this.spawn(['import', '-window', 'root', '-depth', '8', 'ppm:-']);
      const bytes = new Uint8Array(await new Response(child.stdout).arrayBuffer());
      if ((await child.exited) === 0 || attempt === maxPictureAttempts) return parsePpm(bytes);
    }
  }

  /** A request of the control socket, whose connection goes with it: descriptors are counted. */
  control(path: string): Promise<Response> {
    return fetch(`http://display${path}`, { unix: this.controlSocket, keepalive: false });
  }

  async status(query = ''): Promise<DesktopStatus> {
    return v.parse(DesktopStatusSchema, await (await this.control(`/status${query}`)).json());
  }

  /** A request of the port, with the password unless headers say otherwise. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { headers: { Authorization: this.authorization }, ...init });
  }

  get authorization(): string {
    return basic('kasm_user', this.password);
  }

  /** The streaming process. */
  streamingPid(): number | undefined {
    return childrenOf(this.pid).find((pid) => commandOf(pid).includes('--stream'));
  }

  xServerPid(): number | undefined {
    return childrenOf(this.pid).find((pid) => commandOf(pid).includes('/usr/bin/Xvnc'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await this.stopServer();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/`, { keepalive: false })).status > 0;
    } catch {
      return false; // expected: it does not listen yet
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.log += decoder.decode(chunk, { stream: true });
  }
}

/** As the unit has them. */
const serverFlags = [
  '-interface',
  '127.0.0.1',
  '-BlacklistTimeout',
  '0',
  '-FreeKeyMappings',
  '-AlwaysShared',
  '-SecurityTypes=None',
];

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // expected: it has ended
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

export function parsePpm(bytes: Uint8Array): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(Buffer.from(bytes.subarray(0, 100)).toString('latin1'));
  if (head === null) throw new Error('import gave no picture');
  const [width, height, at] = [Number(head[1]), Number(head[2]), head[0].length];
  const words = new Int32Array(width * height);
  for (let i = 0; i < words.length; i++) {
    const p = at + i * 3;
    words[i] = ((bytes[p] ?? 0) << 16) | ((bytes[p + 1] ?? 0) << 8) | (bytes[p + 2] ?? 0);
  }
  return { width, height, words };
}

/** A number that no X server has. */
function freeDisplay(): number {
  for (;;) {
    const number = 200 + Math.floor(Math.random() * 700);
    if (!existsSync(`/tmp/.X11-unix/X${number}`)) return number;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      // SAFETY: a TCP server that listens has such an address.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
