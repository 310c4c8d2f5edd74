import { CodedError } from '@bhatti/base/errors.ts';
import { sleep } from '@bhatti/base/operation.ts';
import type { Action, Button, Point } from '@bhatti/wire/display/action.ts';

import { Bhatti } from '../bhatti.ts';
import type { Desktop } from '../desktop/desktop.ts';
import type { PublishedPort } from '../ports.ts';
import type { Sandbox as BhattiSandbox } from '../sandbox.ts';
import { CommandExitError, type CommandResult } from './command-handle.ts';
import { Commands } from './commands.ts';
import { Filesystem } from './files.ts';
import { keysOf } from './keys.ts';
import { Lifetime } from './lifetime.ts';
import { notOffered } from './not-offered.ts';
import { checkConnect, specOf, type ConnectOptions, type SandboxOptions } from './options.ts';
import { VncStream } from './stream.ts';
import { typingOf, type WriteTextOptions } from './typing.ts';

/** A program by the name that scripts for E2B know it by. */
const programs: Readonly<Record<string, string>> = {
  'google-chrome': 'chromium-browser',
  chrome: 'chromium-browser',
  chromium: 'chromium-browser',
};
const dragSteps = 25; // places on the way, so that a program sees the pointer move as a hand moves it

/** A sandbox with the surface of E2B Desktop's, so that a script moves by its import. `sandbox` is the one underneath, for all else. */
export class Sandbox implements AsyncDisposable {
  readonly sandboxId: string;
  readonly sandbox: BhattiSandbox;
  readonly commands: Commands;
  readonly files: Filesystem;
  readonly stream: VncStream;
  readonly #desktop: Desktop;
  readonly #lifetime: Lifetime;
  readonly #published = new Map<number, PublishedPort>();

  private constructor(sandbox: BhattiSandbox, options: ConnectOptions) {
    this.sandboxId = sandbox.id;
    this.sandbox = sandbox;
    this.commands = new Commands(sandbox);
    this.files = new Filesystem(sandbox);
    this.stream = new VncStream(sandbox, (published) => this.#published.set(published.port, published));
    this.#desktop = sandbox.desktop;
    this.#lifetime = new Lifetime(() => (options.lifecycle?.onTimeout === 'pause' ? this.pause() : this.kill()));
    this.#lifetime.set(options.timeoutMs);
  }

  /** With a desktop that is drawn. `template` is an image; default `computer`. */
  static create(options?: SandboxOptions): Promise<Sandbox>;
  static create(template: string, options?: SandboxOptions): Promise<Sandbox>;
  static async create(first: string | SandboxOptions = {}, second: SandboxOptions = {}): Promise<Sandbox> {
    const [template, options] = typeof first === 'string' ? [first, second] : ['computer', first];
    const spec = specOf(template, options);
    const timeoutMs = options.requestTimeoutMs;
    return new Sandbox(await new Bhatti(options).sandboxes.create(spec, { timeoutMs }), options);
  }

  /** One that there is, woken if it sleeps. */
  static async connect(sandboxId: string, options: ConnectOptions = {}): Promise<Sandbox> {
    checkConnect(options);
    const timeoutMs = options.requestTimeoutMs;
    const sandbox = await new Bhatti(options).sandboxes.get(sandboxId, { timeoutMs });
    await sandbox.start({ timeoutMs });
    return new Sandbox(sandbox, options);
  }

  async kill(): Promise<void> {
    this.#lifetime.set(undefined);
    await this.sandbox.destroy();
  }

  /** With `keepMemory: false` only the files stay. */
  async pause({ keepMemory = true }: { readonly keepMemory?: boolean } = {}): Promise<boolean> {
    this.#lifetime.set(undefined);
    await (keepMemory ? this.sandbox.pause() : this.sandbox.stop());
    return true;
  }

  /** This program ends the sandbox then. It must still run to do so. */
  async setTimeout(timeoutMs: number): Promise<void> {
    this.#lifetime.set(timeoutMs);
  }

  async isRunning(): Promise<boolean> {
    return (await this.sandbox.refresh()).status === 'running';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** Makes a port reachable, which `getHost` needs. */
  async publish(port: number): Promise<PublishedPort> {
    const published = await this.sandbox.publish(port);
    this.#published.set(port, published);
    return published;
  }

  /** Host name of a published port, with the port of the daemon where it is none of the usual ones. */
  getHost(port: number): string {
    const published = this.#published.get(port);
    if (published !== undefined) return new URL(published.url).host;
    throw new CodedError(
      'INVALID_ARGUMENT',
      `port ${port} is not published`,
      { argument: 'port', value: String(port) },
      { hint: `await sandbox.publish(${port}) first: no port is reachable here unless it was asked for` },
    );
  }

  screenshot(format?: 'bytes'): Promise<Uint8Array>;
  screenshot(format: 'blob'): Promise<Blob>;
  screenshot(format: 'stream'): Promise<ReadableStream<Uint8Array>>;
  async screenshot(
    format: 'bytes' | 'blob' | 'stream' = 'bytes',
  ): Promise<Uint8Array | Blob | ReadableStream<Uint8Array>> {
    const bytes = await this.#desktop.screenshot();
    if (format === 'bytes') return bytes;
    const blob = new Blob([new Uint8Array(bytes)], { type: 'image/png' });
    return format === 'blob' ? blob : blob.stream();
  }

  async leftClick(x?: number, y?: number): Promise<void> {
    await this.#desktop.click(pointOf(x, y));
  }

  async rightClick(x?: number, y?: number): Promise<void> {
    await this.#desktop.click(pointOf(x, y), { button: 'right' });
  }

  async middleClick(x?: number, y?: number): Promise<void> {
    await this.#desktop.click(pointOf(x, y), { button: 'middle' });
  }

  async doubleClick(x?: number, y?: number): Promise<void> {
    await this.#desktop.doubleClick(pointOf(x, y));
  }

  async moveMouse(x: number, y: number): Promise<void> {
    await this.#desktop.move([x, y]);
  }

  async mousePress(button: Button = 'left'): Promise<void> {
    await this.#desktop.down(button);
  }

  async mouseRelease(button: Button = 'left'): Promise<void> {
    await this.#desktop.up(button);
  }

  async drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    await this.#desktop.drag([[...from], [...to]], { steps: dragSteps });
  }

  async scroll(direction: 'up' | 'down' | 'left' | 'right' = 'down', amount = 1): Promise<void> {
    const clicks = direction === 'up' || direction === 'left' ? -amount : amount;
    await this.#desktop.scroll(direction === 'up' || direction === 'down' ? { dy: clicks } : { dx: clicks });
  }

  getCursorPosition(): Promise<{ readonly x: number; readonly y: number }> {
    return this.#desktop.cursor();
  }

  async getScreenSize(): Promise<{ readonly width: number; readonly height: number }> {
    const { width, height } = await this.#desktop.size();
    return { width, height };
  }

  async write(text: string, options: WriteTextOptions = {}): Promise<void> {
    for (const actions of typingOf(text, options)) await this.#mustAct(actions);
  }

  /** A key, or several at once. `A` is a capital A. */
  async press(key: string | readonly string[]): Promise<void> {
    await this.#desktop.key(keysOf(key));
  }

  wait(ms: number): Promise<void> {
    return sleep(new AbortController(), ms);
  }

  /** Runs a command until `onResult` takes its result; whether it did in time. Both times are in seconds, as in E2B. */
  async waitAndVerify(
    command: string,
    onResult: (result: CommandResult) => boolean,
    timeout = 10,
    interval = 0.5,
  ): Promise<boolean> {
    const endsAt = performance.now() + timeout * 1_000;
    while (performance.now() < endsAt) {
      if (onResult(await this.#resultOf(command))) return true;
      await this.wait(interval * 1_000);
    }
    return false;
  }

  async open(fileOrUrl: string): Promise<void> {
    await this.#desktop.open(fileOrUrl);
  }

  async launch(application: string, uri?: string): Promise<void> {
    const program = Object.hasOwn(programs, application) ? (programs[application] ?? application) : application;
    await this.#desktop.launch(program, uri === undefined ? [] : [uri]);
  }

  async getCurrentWindowId(): Promise<string> {
    const active = (await this.#desktop.windows()).find((window) => window.active);
    if (active !== undefined) return String(active.id);
    throw new CodedError('INVALID_ARGUMENT', 'no window is active', { argument: 'window' });
  }

  /** By the class that a program gives its windows, e.g. `chromium`. */
  async getApplicationWindows(application: string): Promise<string[]> {
    const argv = ['xdotool', 'search', '--onlyvisible', '--class', '--', application];
    const { stdout } = await this.sandbox.exec(argv);
    return stdout.split('\n').filter((line) => /^\d+$/.test(line));
  }

  async getWindowTitle(windowId: string): Promise<string> {
    const window = (await this.#desktop.windows()).find(({ id }) => String(id) === windowId);
    if (window !== undefined) return window.title;
    throw new CodedError('INVALID_ARGUMENT', `no window "${windowId}"`, { argument: 'windowId', value: windowId });
  }

  fork(): never {
    throw notOffered('a fork', 'make another sandbox and copy the files');
  }
  createSnapshot(): never {
    throw notOffered('a snapshot with a name', 'pause() keeps the memory of this sandbox');
  }
  getMetrics(): never {
    throw notOffered('a history of its load', 'run "top -b -n 1" in the sandbox');
  }
  updateNetwork(): never {
    throw notOffered('changing what the sandbox may reach', 'see SECURITY.md for what it may');
  }
  get pty(): never {
    throw notOffered('"pty"', 'sandbox.exec.stream(argv, { tty: { rows, cols } }) has a terminal');
  }
  get git(): never {
    throw notOffered('"git"', 'commands.run("git …")');
  }

  async #mustAct(actions: readonly Action[]): Promise<void> {
    const { results } = await this.#desktop.batch(actions);
    const failure = results.find(({ ok }) => !ok)?.error;
    if (failure === undefined) return;
    const { decodeError } = await import('@bhatti/wire/error.ts');
    throw decodeError(failure, 'the desktop');
  }

  async #resultOf(command: string): Promise<CommandResult> {
    try {
      return await this.commands.run(command);
    } catch (error) {
      if (error instanceof CommandExitError) return error;
      throw error;
    }
  }
}

/** 0 is a coordinate. One without the other is a mistake, which is not passed over. */
function pointOf(x: number | undefined, y: number | undefined): Point | undefined {
  if (x === undefined && y === undefined) return undefined;
  if (x !== undefined && y !== undefined) return [x, y];
  throw new CodedError('INVALID_ARGUMENT', 'a place has both x and y', { argument: x === undefined ? 'x' : 'y' });
}
