import { bgrx8888, packPixel, unpackPixel } from '@bhatti/rfb/pixel-format.ts';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePpm, type Picture, type TestDisplay } from './display-server.ts';
import { until } from './until.ts';

/** Who looks, and whom it trusts. */
export interface VncLogin {
  readonly user: string;
  readonly password: string;
}

/** What every VNC program adds to a display's number. */
export function vncPortOf(display: TestDisplay): number {
  return 5900 + display.display;
}

/** Programs of others that speak VNC, on an X screen of their own. They trust the certificate that the display has made. */
export class VncPrograms implements AsyncDisposable {
  readonly #dir: string;
  readonly #xServer: Bun.Subprocess;
  readonly #screen: string;
  readonly #programs: Bun.Subprocess[] = [];
  readonly #target: TestDisplay;

  static async open(target: TestDisplay): Promise<VncPrograms> {
    const dir = mkdtempSync(join(tmpdir(), 'bhatti-vnc-'));
    const compiled = Bun.spawnSync(
      ['tcc', '-o', join(dir, 'client'), join(import.meta.dir, 'vnc-client.c'), '-lvncclient'],
      { stderr: 'pipe' },
    );
    if (compiled.exitCode !== 0) throw new Error(`tcc: ${compiled.stderr.toString()}`);
    const socket = ['-rfbport', '-1', '-rfbunixpath', join(dir, 'x.sock')];
    const xServer = Bun.spawn(
      ['Xvnc', '-displayfd', '1', '-geometry', '1000x800', '-depth', '24', '-SecurityTypes', 'None', ...socket],
      { stdout: 'pipe', stderr: 'ignore' },
    );
    const { value } = await xServer.stdout.getReader().read();
    return new VncPrograms(target, { dir, xServer, screen: `:${new TextDecoder().decode(value).trim()}` });
  }

  private constructor(target: TestDisplay, own: { dir: string; xServer: Bun.Subprocess; screen: string }) {
    this.#target = target;
    this.#dir = own.dir;
    this.#xServer = own.xServer;
    this.#screen = own.screen;
  }

  get #certificate(): string {
    return join(this.#target.rootHome, 'tls.pem');
  }

  /** TigerVNC's viewer: what it shows, until the result is disposed of. */
  vncViewer(login: VncLogin, ...options: readonly string[]) {
    const child = Bun.spawn(
      [
        'xtigervncviewer',
        '-X509CA',
        this.#certificate,
        '-AlertOnFatalError=0',
        '-MenuKey=',
        '-ReconnectOnError=0',
        ...options,
        `localhost::${vncPortOf(this.#target)}`,
      ],
      {
        env: {
          PATH: '/usr/bin:/bin',
          HOME: this.#home(),
          DISPLAY: this.#screen,
          VNC_USERNAME: login.user,
          VNC_PASSWORD: login.password,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#programs.push(child);
    let log = '';
    void new Response(child.stderr).text().then((text) => (log = text));
    return {
      picture: () => this.#windowPicture(child.pid),
      exited: child.exited,
      log: () => log,
      async [Symbol.asyncDispose]() {
        child.kill();
        await child.exited;
      },
    };
  }

  /** gvnccapture of gtk-vnc: the picture it has taken; undefined when it was not let in. */
  async gvncCapture({ user, password }: VncLogin): Promise<Picture | undefined> {
    const file = join(this.#dir, `${this.#programs.length}.png`);
    // It trusts what is below the home directory that the account database names, and asks at a terminal only.
    const script = `mount -t tmpfs none /root && mkdir -p /root/.pki/CA && cp "$1" /root/.pki/CA/cacert.pem &&
      exec script -qec "gvnccapture localhost:${this.#target.display} $2" /dev/null`;
    const child = Bun.spawn(['unshare', '--mount', 'sh', '-c', script, 'sh', this.#certificate, file], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DISPLAY: this.#screen, HOME: '/root' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#programs.push(child);
    const type = (line: string) => {
      void child.stdin.write(`${line}\n`);
      void child.stdin.flush();
    };
    let typing: ReturnType<typeof setInterval> | undefined;
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const text = decoder.decode(chunk);
      if (text.includes('Username:')) type(user);
      // It forgets what was typed before it has switched the echo off, which is after it has asked.
      if (text.includes('Password:')) typing ??= setInterval(() => type(password), 50);
    }
    clearInterval(typing);
    await child.exited;
    return existsSync(file) ? toPicture([file]) : undefined;
  }

  /** A program on libvncclient that shows the desktop, and that may press a key. See vnc-client.c. */
  libVncClient(login: VncLogin, how: { bits?: 8 | 16 | 32; encoding?: string; keysym?: number }) {
    const { bits = 32, encoding = 'zrle', keysym } = how;
    const file = join(this.#dir, `${this.#programs.length}.ppm`);
    const child = Bun.spawn(
      [
        join(this.#dir, 'client'),
        String(vncPortOf(this.#target)),
        String(bits),
        encoding,
        file,
        ...(keysym === undefined ? [] : [String(keysym)]),
      ],
      {
        env: { VNC_USER: login.user, VNC_PASSWORD: login.password, VNC_CA: this.#certificate },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#programs.push(child);
    return {
      picture: (): Picture | undefined => {
        try {
          return parsePpm(readFileSync(file));
        } catch {
          return undefined; // expected: it has shown nothing yet
        }
      },
      exited: child.exited,
      complaints: () => new Response(child.stderr).text(),
      async [Symbol.asyncDispose]() {
        child.kill();
        await child.exited;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of [...this.#programs, this.#xServer]) program.kill('SIGKILL');
    await this.#xServer.exited;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #home(): string {
    const home = join(this.#dir, 'home');
    mkdirSync(home, { recursive: true });
    return home;
  }

  /** What the window of a program shows. */
  async #windowPicture(pid: number): Promise<Picture | undefined> {
    const env = { PATH: '/usr/bin:/bin', DISPLAY: this.#screen };
    const found = Bun.spawnSync(['xdotool', 'search', '--onlyvisible', '--pid', String(pid)], { env });
    const window = found.stdout.toString().trim().split('\n').at(-1) ?? '';
    if (window === '') return undefined;
    return toPicture(['-window', window], { program: 'import', env });
  }
}

async function toPicture(
  from: readonly string[],
  { program = 'convert', env = process.env }: { program?: string; env?: Record<string, string | undefined> } = {},
): Promise<Picture> {
  const child = Bun.spawn([program, ...from, '-depth', '8', 'ppm:-'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  return parsePpm(new Uint8Array(await new Response(child.stdout).arrayBuffer()));
}

/** Waits until a program shows what the X server has, each channel at most `tolerance` off what `asSent` makes of it. */
export async function untilShown(
  display: TestDisplay,
  picture: () => Promise<Picture | undefined> | Picture | undefined,
  { tolerance = 0, asSent = (word: number) => word } = {},
): Promise<void> {
  let last = 'no picture';
  await until(
    async () => {
      const [wanted, seen] = [await display.pixels(), await picture()];
      if (seen === undefined) return false;
      last = `${seen.width} × ${seen.height}`;
      if (wanted.width !== seen.width || wanted.height !== seen.height) return false;
      const worst = worstDifference(wanted.words.map(asSent), seen.words);
      last = `${worst} at the worst pixel`;
      return worst <= tolerance;
    },
    () => `${last}\n${display.log}`,
  );
}

function worstDifference(left: Int32Array, right: Int32Array): number {
  let worst = 0;
  for (let i = 0; i < left.length; i++) {
    const [a, b] = [left[i] ?? 0, right[i] ?? 0];
    if (a === b) continue;
    for (const shift of [0, 8, 16]) worst = Math.max(worst, Math.abs(((a >> shift) & 255) - ((b >> shift) & 255)));
  }
  return worst;
}

/** What is left of a colour in a format of fewer bits. */
export function coarse(format: Pick<typeof bgrx8888, 'bitsPerPixel' | 'redMax' | 'greenMax' | 'blueMax'>) {
  const whole = { ...bgrx8888, ...format, redShift: 16, greenShift: 8, blueShift: 0 };
  return (word: number) => unpackPixel(whole, packPixel(whole, (word >> 16) & 255, (word >> 8) & 255, word & 255));
}
