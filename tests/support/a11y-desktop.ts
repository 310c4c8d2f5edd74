import { A11yTree } from '@bhatti/display/a11y/a11y-tree.ts';
import type { TreeNode } from '@bhatti/wire/display/a11y.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TestDisplay, type TestDisplayOptions } from './display-server.ts';
import { until } from './until.ts';

const chromium = '/usr/lib/chromium/chromium';
const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--test-type',
  '--no-first-run',
  '--force-renderer-accessibility',
];

/** A real display server, and what reads its desktop. */
export class A11yDesktop implements AsyncDisposable {
  readonly display: TestDisplay;
  readonly tree: A11yTree;

  private constructor(display: TestDisplay) {
    this.display = display;
    this.tree = new A11yTree({
      command: { path: display.executable, argv0: 'Xkasmvnc', args: ['--a11y'], env: display.serverEnv },
      context: async () => ({ screen: { width: 1280, height: 720 } }),
    });
  }

  static async start(options: TestDisplayOptions = {}): Promise<A11yDesktop> {
    const desktop = new A11yDesktop(await TestDisplay.start({ width: 1280, height: 720, ...options }));
    await until(() => existsSync(desktop.busPath));
    return desktop;
  }

  get busPath(): string {
    return join(this.display.dir, 'run', 'private', 'a11y-bus');
  }

  /** Starts a GTK program that has no session bus to look for others of its kind on. */
  spawn(...argv: readonly string[]): Bun.Subprocess<'pipe', 'pipe', 'pipe'> {
    return this.display.spawn(['env', 'NO_AT_BRIDGE=0', ...argv]);
  }

  browse(url: string): Bun.Subprocess<'pipe', 'pipe', 'pipe'> {
    const profile = `--user-data-dir=${join(this.display.dir, 'chromium')}`;
    const size = ['--window-position=0,0', '--window-size=1280,720'];
    return this.display.spawn(['env', 'ACCESSIBILITY_ENABLED=1', chromium, ...browserFlags, ...size, profile, url]);
  }

  /** The first element that is so, once there is one. */
  seen(fits: (node: TreeNode) => boolean): Promise<TreeNode> {
    let text = '';
    return until(
      async () => {
        const reply = await this.tree.tree({ scope: 'all', maxNodes: 5_000 });
        text = reply.text;
        return reply.nodes.find(fits);
      },
      () => text.slice(0, 3_000),
      30_000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tree[Symbol.dispose]();
    await this.display[Symbol.asyncDispose]();
  }
}

/** A page of 500 elements: a hundred rows of a heading, a button, a link, a text box and a check box. */
export const pageOf500 = `data:text/html,${encodeURIComponent(`<!doctype html><title>Five hundred</title><script>
for (let i = 0; i < 100; i++) document.write('<div><h3>Row ' + i + '</h3><button onclick="document.title=this.textContent">Save ' + i +
  '</button><a href="#x' + i + '">Link ' + i + '</a><input aria-label="Field ' + i + '" value="v' + i + '"><input type=checkbox aria-label="Box ' + i + '"></div>')
</script>`)}`;
