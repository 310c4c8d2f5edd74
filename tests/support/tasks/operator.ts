import { type Action, type Batch, type BatchReply, BatchReplySchema, type Point } from '@bhatti/wire/display/action.ts';
import type { DesktopWindow } from '@bhatti/wire/display/control.ts';
import * as v from 'valibot';
import { Cli } from '../cli.ts';
import { until } from '../until.ts';

const pagePath = '/tmp/tasks.html';

/** A scripted operator of one sandbox's desktop: acts through the daemon's API, and looks behind the scenes by exec to see what came of it. */
export class TaskOperator {
  readonly #socketPath: string;
  readonly #sandbox: string;
  readonly #cli: Cli;

  constructor(daemon: { readonly socketPath: string; readonly runDir: string }, sandbox: string) {
    this.#socketPath = daemon.socketPath;
    this.#sandbox = sandbox;
    this.#cli = new Cli(daemon.runDir);
  }

  /** Puts the page of the tasks into the sandbox. */
  async prepare(): Promise<void> {
    const page = await Bun.file(`${import.meta.dir}/page.html`).text();
    await this.#cli.must(['file', 'write', this.#sandbox, pagePath], { stdin: page });
  }

  async batch(batch: Batch): Promise<BatchReply> {
    const response = await fetch(`http://bhatti/sandboxes/${this.#sandbox}/actions`, {
      unix: this.#socketPath,
      method: 'POST',
      body: JSON.stringify(batch),
    });
    const document: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(document));
    return v.parse(BatchReplySchema, document);
  }

  /** Actions that must succeed, each settled before the next. */
  async act(...actions: Action[]): Promise<BatchReply> {
    const reply = await this.batch({ actions, settle: { quietMs: 60, maxMs: 2_000 } });
    const failed = reply.results.find(({ ok }) => !ok);
    if (failed !== undefined) throw new Error(JSON.stringify(failed));
    return reply;
  }

  async window(title: string, timeoutMs = 20_000): Promise<DesktopWindow> {
    const reply = await this.act({ do: 'waitWindow', title, timeoutMs });
    const [window] = reply.results[0]?.windows ?? [];
    if (window === undefined) throw new Error(`no window is called ${title}`);
    return window;
  }

  async windows(): Promise<DesktopWindow[]> {
    return (await this.act({ do: 'windows' })).results[0]?.windows ?? [];
  }

  async untilGone(title: string): Promise<void> {
    await until(
      async () => !(await this.windows()).some((window) => window.title.includes(title)),
      async () => JSON.stringify(await this.windows()),
    );
  }

  /** Shows a task's section of the page in Chromium; gives where a place of the page is on the screen. */
  async openPage(task: string): Promise<(x: number, y: number) => Point> {
    const url = `file://${pagePath}?${Math.random()}#${task}`;
    if ((await this.windows()).some(({ title }) => title.endsWith('Chromium'))) {
      await this.focus('Chromium');
      await this.act({ do: 'key', keys: 'ctrl+l' }, { do: 'type', text: url }, { do: 'key', keys: 'Return' });
    } else {
      await this.act({ do: 'launch', app: 'chromium-browser', args: [url] });
    }
    await this.window(`${task} ready`);
    await this.act({ do: 'settle', quietMs: 250 });
    // What it says when all is at rest.
    const { title } = await this.window(`${task} ready`);
    const [, left = '0', top = '0'] = / ready (\d+),(\d+)/.exec(title) ?? [];
    return (x, y) => [Number(left) + x, Number(top) + y];
  }

  /** What the page says came of a task. */
  async outcome(task: string): Promise<string> {
    const { title } = await this.window(`${task} done: `);
    return /done: (.*?)( - Chromium)?$/.exec(title)?.[1] ?? '';
  }

  /** Brings a window to the front by its title. */
  async focus(title: string): Promise<void> {
    const { id } = await this.window(title);
    await this.act({ do: 'window', id, op: 'focus' });
    await until(async () => (await this.windows()).some((window) => window.id === id && window.active));
  }

  /** Starts a program and waits for its window to be the active one. */
  async start(app: string, args: string[], title: string): Promise<DesktopWindow> {
    await this.act({ do: 'launch', app, args });
    const { id } = await this.window(title);
    return until(
      async () => (await this.windows()).find((window) => window.id === id && window.active),
      async () => JSON.stringify(await this.windows()),
    );
  }

  /** Turns the wheel until nothing moves any more: twice, since a busy program may be late once. */
  async scrollToEnd(turn: { readonly at: Point; readonly dx?: number; readonly dy?: number }): Promise<void> {
    for (let turns = 0, still = 0; turns < 200 && still < 2; turns++) {
      const { results } = await this.batch({
        actions: [{ do: 'scroll', ...turn }],
        settle: { changeMs: 400, quietMs: 60 },
      });
      still = results[0]?.changed === true ? 0 : still + 1;
    }
  }

  /** Until the clipboard has a text: programs copy in their own time. */
  async copied(text: string): Promise<void> {
    const now = async () => (await this.act({ do: 'copied' })).results[0]?.text?.trim();
    await until(async () => (await now()) === text, now);
  }

  exec(...argv: string[]): Promise<string> {
    return this.#cli.must(['exec', this.#sandbox, '--', ...argv]);
  }

  /** Until a file in the sandbox holds this. */
  async file(path: string, text: string): Promise<void> {
    await until(
      async () => (await this.#cli.run(['exec', this.#sandbox, '--', 'cat', path])).stdout === text,
      async () => JSON.stringify(await this.#cli.run(['exec', this.#sandbox, '--', 'cat', path])),
    );
  }
}
