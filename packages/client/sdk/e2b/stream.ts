import { CodedError } from '@bhatti/base/errors.ts';
import { randomHex } from '@bhatti/base/ids.ts';
import { desktopPort, passwordHashFile } from '@bhatti/wire/guest-paths.ts';

import type { PublishedPort } from '../ports.ts';
import type { Sandbox } from '../sandbox.ts';
import { notOffered } from './not-offered.ts';

export interface StreamStartOptions {
  /** The desktop always asks for a password. Without this, `getUrl` gives an address that carries it, as anybody may open E2B's. */
  readonly requireAuth?: boolean | undefined;
  readonly port?: number | undefined;
  readonly vncPort?: number | undefined;
  readonly windowId?: string | undefined;
}

export interface UrlOptions {
  readonly autoConnect?: boolean | undefined;
  /** The server itself takes no input of whoever comes by this address. */
  readonly viewOnly?: boolean | undefined;
  readonly resize?: 'off' | 'scale' | 'remote' | undefined;
  /** `getAuthKey()`: the address then carries the password. */
  readonly authKey?: string | undefined;
}

interface Login {
  readonly username: string;
  readonly password: string;
}

interface Started {
  readonly published: PublishedPort;
  readonly requireAuth: boolean;
  readonly operator: Login;
  /** An account of the desktop that may look and do nothing else. */
  readonly onlooker: Login;
}

/** The desktop in a browser tab. */
export class VncStream {
  readonly #sandbox: Sandbox;
  readonly #onPublished: (published: PublishedPort) => void;
  #started: Started | undefined;

  constructor(sandbox: Sandbox, onPublished: (published: PublishedPort) => void) {
    this.#sandbox = sandbox;
    this.#onPublished = onPublished;
  }

  async start(options: StreamStartOptions = {}): Promise<void> {
    const { port, vncPort, windowId, requireAuth = false } = options;
    if (windowId !== undefined) throw notOffered('the stream of one window', 'start the stream of the whole desktop');
    if ([port, vncPort].some((asked) => asked !== undefined && asked !== desktopPort))
      throw notOffered('a stream at another port', `the desktop is always at ${desktopPort}`);
    const operator = await this.#credentials();
    const onlooker = this.#started?.onlooker ?? (await this.#addOnlooker());
    const published = await this.#sandbox.publish(desktopPort);
    this.#onPublished(published);
    this.#started = { published, requireAuth, operator, onlooker };
  }

  /** The addresses lead nowhere any more. */
  async stop(): Promise<void> {
    const { onlooker } = this.#mustBeStarted();
    this.#started = undefined;
    await this.#sandbox.unpublish(desktopPort);
    await this.#password(['-u', onlooker.username, '-d'], '');
  }

  getUrl({ autoConnect = true, viewOnly = false, resize = 'scale', authKey }: UrlOptions = {}): string {
    const { published, requireAuth, operator, onlooker } = this.#mustBeStarted();
    if (!autoConnect) throw notOffered('a page that does not connect by itself', 'leave "autoConnect" out');
    if (authKey !== undefined && authKey !== operator.password)
      throw new CodedError('INVALID_ARGUMENT', 'not the key of this stream', { argument: 'authKey' });
    const carriesLogin = authKey !== undefined || !requireAuth;
    if (viewOnly && !carriesLogin)
      throw new CodedError(
        'INVALID_ARGUMENT',
        'a view-only address needs the key',
        { argument: 'authKey' },
        { hint: 'who may only look is an account of its own: pass authKey: stream.getAuthKey()' },
      );
    const url = new URL(published.url);
    url.searchParams.set('resize', resize);
    if (viewOnly) url.searchParams.set('view_only', 'true');
    if (!carriesLogin) return url.href;
    const login = viewOnly ? onlooker : operator;
    url.username = login.username;
    url.password = login.password;
    return url.href;
  }

  /** The desktop's password. */
  getAuthKey(): string {
    return this.#mustBeStarted().operator.password;
  }

  #mustBeStarted(): Started {
    if (this.#started !== undefined) return this.#started;
    throw new CodedError(
      'INVALID_ARGUMENT',
      'the stream is not started',
      { argument: 'stream' },
      { hint: 'await sandbox.stream.start()' },
    );
  }

  async #credentials(): Promise<Login> {
    const { exitCode, stdout, stderr } = await this.#sandbox.exec(['vnc-creds', '--json']);
    if (exitCode !== 0) throw failed('vnc-creds', exitCode, stderr);
    const login: unknown = JSON.parse(stdout);
    if (isLogin(login)) return login;
    throw new CodedError('PROTOCOL_VIOLATION', 'unreadable credentials from the sandbox', { peer: 'vnc-creds' });
  }

  async #addOnlooker(): Promise<Login> {
    const login = { username: `view-${randomHex(4)}`, password: randomHex(16) };
    await this.#password(['-u', login.username, '-r'], `${login.password}\n${login.password}\n`);
    return login;
  }

  async #password(args: readonly string[], stdin: string): Promise<void> {
    const argv = ['kasmvncpasswd', ...args, passwordHashFile];
    const { exitCode, stderr } = await this.#sandbox.exec(argv, { user: 'root', stdin });
    if (exitCode !== 0) throw failed('kasmvncpasswd', exitCode, stderr);
  }
}

function failed(command: string, exitCode: number, stderr: string): CodedError {
  return new CodedError('COMMAND_FAILED', `"${command}" failed: ${stderr.trim()}`, { command, exitCode });
}

function isLogin(value: unknown): value is Login {
  if (typeof value !== 'object' || value === null) return false;
  return typeof Reflect.get(value, 'username') === 'string' && typeof Reflect.get(value, 'password') === 'string';
}
