// The page's own way to a desktop, for the browser tests: a real daemon of its own, the real command line, real Chromium.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { executable } from './capability.ts';
import { TestDaemon } from './daemon.ts';
import { Picture } from './e2e-picture.ts';
import { TaskOperator } from './tasks/operator.ts';
import { until } from './until.ts';
import type { PageDocument, PageWindow } from './e2e-browser.ts';

declare const window: PageWindow;
declare const document: PageDocument;

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** `--no-sandbox` since tests run as root; the rest because there is neither a GPU nor much shared memory here. */
const browserFlags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

export class Desk implements AsyncDisposable {
  readonly #daemon: TestDaemon;
  readonly #browser: Browser;
  /** An empty page, for pictures to be decoded in. */
  #decoder: Promise<Page> | undefined;

  private constructor(daemon: TestDaemon, browser: Browser) {
    this.#daemon = daemon;
    this.#browser = browser;
    mkdirSync(this.scratchDir);
    mkdirSync(this.#binDir);
    symlinkSync(executable, join(this.#binDir, 'bhatti'));
  }

  static async start(): Promise<Desk> {
    const daemon = await TestDaemon.start({ images: ['computer'] });
    return new Desk(daemon, await chromium.launch({ executablePath: '/usr/bin/chromium', args: browserFlags }));
  }

  /** Where lines of shell run. */
  get scratchDir(): string {
    return join(this.#daemon.dir, 'scratch');
  }

  get #binDir(): string {
    return join(this.#daemon.dir, 'bin');
  }

  /** One line of shell as a person types it, on the host, with `bhatti` in the PATH. */
  async type(line: string, input = ''): Promise<Outcome> {
    const child = Bun.spawn(['bash', '-c', line], {
      cwd: this.scratchDir,
      env: { ...process.env, PATH: `${this.#binDir}:${process.env['PATH']}`, BHATTI_RUN_DIR: this.#daemon.runDir },
      stdio: [Buffer.from(input), 'pipe', 'pipe'],
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  /** The same on a host where bhatti is installed: with `/etc/bhatti/init.sh`, seen by this line alone, and with sudo. */
  async typeWhereInstalled(line: string): Promise<Outcome> {
    const etc = join(this.#daemon.dir, 'etc');
    mkdirSync(etc, { recursive: true });
    if (Bun.which('sudo') === null)
      writeFileSync(join(this.#binDir, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    writeFileSync(join(this.scratchDir, 'installed.sh'), `${line}\n`);
    const prepare = [
      `mount -t tmpfs none ${etc}`,
      `mkdir ${etc}/upper ${etc}/work`,
      `mount -t overlay overlay -o lowerdir=/etc,upperdir=${etc}/upper,workdir=${etc}/work /etc`,
      `install -D -m 0755 ${join(import.meta.dir, '..', '..', 'packaging', 'init.sh')} /etc/bhatti/init.sh`,
    ];
    return await this.type(`unshare --mount sh -ec '${[...prepare, 'exec bash installed.sh'].join('\n')}'`);
  }

  /** The same for a line that must succeed; gives what it printed. */
  async must(line: string, input = ''): Promise<string> {
    const { exitCode, stdout, stderr } = await this.type(line, input);
    if (exitCode === 0) return stdout;
    throw new Error(`"${line}" exited with ${exitCode}:\n${stdout}${stderr}\n${await this.story()}`);
  }

  /** What went on, for the message of a failed test. */
  async story(): Promise<string> {
    const inside = await this.type(
      `bhatti exec desk --timeout 10 -- sh -c 'systemctl list-units; systemctl list-jobs; journalctl -n 40; ps -e -o user=,etimes=,args=' 2>&1 | cut -c 1-200`,
    );
    return `${inside.stdout}\n${this.#daemon.log}`;
  }

  /** Where the daemon's sockets are. */
  get runDir(): string {
    return this.#daemon.runDir;
  }

  /** Acts on the desktop by the daemon's API. */
  async operator(): Promise<TaskOperator> {
    const operator = new TaskOperator(this.#daemon, 'desk');
    await operator.prepare();
    return operator;
  }

  async credentials(): Promise<Credentials> {
    return JSON.parse(await this.must('bhatti exec desk -- vnc-creds --json'));
  }

  async url(): Promise<string> {
    return JSON.parse(await this.must('bhatti publish desk -p 6080 --json')).url;
  }

  /** The sandbox's own address, which is no secure context for a browser. */
  async plainUrl(): Promise<string> {
    return `http://${JSON.parse(await this.must('bhatti inspect desk --json')).ip}:6080/`;
  }

  /** A browser window of its own: own cookies, own passwords. It closes with `page.context().close()`. */
  async openPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
    return await context.newPage();
  }

  /** The web client, logged in, with the desktop live. */
  async openDesktop(options: BrowserContextOptions & { url?: string } = {}): Promise<Page> {
    const page = await this.openPage({ httpCredentials: await this.credentials(), ...options });
    await page.goto(options.url ?? (await this.url()));
    await waitLive(page);
    return page;
  }

  /** What the `screenshot` helper sees, decoded by a browser. */
  async screenshot(): Promise<Picture> {
    const base64 = await this.must('bhatti exec desk -- screenshot --base64');
    return await this.decode(base64);
  }

  async decode(base64: string): Promise<Picture> {
    this.#decoder ??= this.openPage();
    return await Picture.decode(await this.#decoder, base64);
  }

  /** Process ids inside of what has this name (a pattern), as one line. */
  async pidsOf(name: string): Promise<string> {
    return (await this.type(`bhatti exec desk -- pgrep -d' ' -x '${name}'`)).stdout.trim();
  }

  /** Waits until the sandbox shows a desktop with its panel. */
  async waitDrawn(): Promise<void> {
    await until(
      async () => {
        const windows = await this.type('bhatti exec desk -- list-windows');
        return /xfce4-panel/.test(windows.stdout) && /Desktop/.test(windows.stdout);
      },
      async () => JSON.stringify(await this.type('bhatti exec desk -- systemctl status kasmvnc xfce-session')),
      60_000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#daemon[Symbol.asyncDispose]();
    rmSync(this.#daemon.dir, { recursive: true, force: true });
  }
}

/** Waits until the web client says that the desktop on it is live. */
export async function waitLive(page: Page, connections = 1): Promise<void> {
  await until(
    () =>
      page.evaluate((wanted) => window.bhatti?.connected === true && window.bhatti.connections >= wanted, connections),
    () => page.evaluate(() => `${window.bhatti?.phase}: ${document.body.innerText}`),
    60_000,
  );
}
