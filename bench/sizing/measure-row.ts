// One recommended size: a real sandbox of that size, used as the row says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadavg } from 'node:os';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { intersectRects, isEmptyRect } from '@bhatti/rfb/rect.ts';
import type { TestDaemon } from '../../tests/support/daemon.ts';
import { RfbViewer, usualEncodings } from '../../tests/support/rfb-viewer.ts';
import { until } from '../../tests/support/until.ts';
import { percentile } from '../harness.ts';
import { type ControlGroup, controlGroupOf } from './control-group.ts';
import { filmPage, textPage } from './pages.ts';
import type { SizingRow } from './rows.ts';

/** What one run of a row gave. Processor time is in percent of one core. */
export interface SizingFigures {
  readonly restMemoryMb: number;
  readonly restCpuPercent: number;
  readonly useMemoryMb: number;
  readonly scrollCpuPercent: number;
  readonly scrollFps: number;
  readonly filmCpuPercent: number | undefined;
  readonly filmFps: number | undefined;
  readonly screenshotMs: number;
  readonly diskMb: number;
}

export interface SizingRun {
  readonly figures: SizingFigures;
  /** What `create` had to say about the size. */
  readonly notices: readonly string[];
  /** Cores that the sandbox sees. */
  readonly cores: number;
  /** Of the machine, before the run: what else went on. */
  readonly load: number;
}

/** A host on which `bhatti` is driven by its own command line. */
export interface SizingHost {
  readonly daemon: TestDaemon;
  readonly cli: (...args: string[]) => Promise<string>;
}

const restMs = 10_000;
const useMs = 6_000;
const patienceMs = 90_000;

export async function measureRow(host: SizingHost, row: SizingRow, name: string): Promise<SizingRun> {
  const { daemon, cli } = host;
  const [load = 0] = loadavg();
  const size = ['--cpus', String(row.cpus), '--memory', String(row.memoryMib), '--disk-size', '8192'];
  const screen = ['--env', `DISPLAY_WIDTH=${row.screen.width},DISPLAY_HEIGHT=${row.screen.height}`];
  const created = JSON.parse(await cli('create', '--name', name, '--image', 'computer', ...size, ...screen, '--json'));
  const group = controlGroupOf(initOf(daemon, created.id), created.id);
  using watcher = await openWatcher(host, name);
  const cores = Number(await daemon.sh(name, 'nproc'));

  await quiet(host, name);
  const rest = await over(group, () => Bun.sleep(restMs));
  const restMemoryMb = group.workingSetMb();

  for (const program of row.programs) await daemon.sh(name, `setsid ${program} >/dev/null 2>&1 &`);
  await writeFile(host, name, { path: '/tmp/text.html', text: textPage() });
  for (let tab = 1; tab <= row.tabs; tab++) await openTab(host, name, `/tmp/text.html#${tab}`, `Text ${tab} `);
  await quiet(host, name);
  const agent = startAgent(host, name);
  const scroll = await over(group, () => framesSeen(watcher, useMs, () => watcher.viewer.pointer(640, 400, wheelDown)));
  let film: Costs<number> | undefined;
  if (row.film !== undefined) {
    await writeFile(host, name, { path: '/tmp/film.html', text: filmPage(row.film) });
    await openTab(host, name, '/tmp/film.html', 'Film ');
    film = await over(group, () => framesSeen(watcher, useMs));
  }
  const useMemoryMb = group.workingSetMb();
  const screenshotsMs = await agent.stop();
  const diskMb = Number(await daemon.sh(name, 'df -m --output=used / | tail -1'));
  await cli('destroy', name, '--yes');
  return {
    figures: {
      restMemoryMb,
      restCpuPercent: rest.cpuPercent,
      useMemoryMb,
      scrollCpuPercent: scroll.cpuPercent,
      scrollFps: scroll.result,
      filmCpuPercent: film?.cpuPercent,
      filmFps: film?.result,
      screenshotMs: percentile(screenshotsMs, 0.5),
      diskMb,
    },
    notices: created.notices.filter((notice: string) => notice.includes(' cores')),
    cores,
    load,
  };
}

interface Watcher extends Disposable {
  readonly viewer: RfbViewer;
  /** How many updates brought new pixels in the middle of the screen. */
  readonly frames: () => number;
}

/** Takes H.264, as a browser on a secure page does, and decodes nothing: a person's browser has a machine of its own for that. */
async function openWatcher({ daemon, cli }: SizingHost, name: string): Promise<Watcher> {
  const { host } = (await daemon.call('POST', `/sandboxes/${name}/publish`, { body: { port: 6080 } })).json;
  const { username, password } = JSON.parse(await cli('exec', name, '--', 'vnc-creds', '--json'));
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  let frames = 0;
  const viewer = await RfbViewer.open(
    { port: daemon.port, host: `${host}:${daemon.port}`, authorization },
    {
      encodings: [Encoding.h264, ...usualEncodings],
      isDecoding: false,
      onUpdate(pixels) {
        if (pixels.some((rect) => !isEmptyRect(intersectRects(rect, seenArea)))) frames++;
      },
    },
  );
  return { viewer, frames: () => frames, [Symbol.dispose]: () => viewer[Symbol.dispose]() };
}

async function writeFile(host: SizingHost, name: string, file: { path: string; text: string }): Promise<void> {
  await host.daemon.sh(name, `echo ${Buffer.from(file.text).toString('base64')} | base64 -d > ${file.path}`);
}

async function openTab({ daemon }: SizingHost, name: string, file: string, title: string): Promise<void> {
  await daemon.sh(name, `chromium-browser 'file://${file}'`);
  let active = '';
  await until(
    async () => {
      active = await daemon.sh(name, 'active-window');
      return active.startsWith(title);
    },
    () => `"${active}" instead of "${title}"`,
    patienceMs,
  );
}

interface Costs<T> {
  readonly result: T;
  readonly cpuPercent: number;
}

async function over<T>(group: ControlGroup, work: () => Promise<T>): Promise<Costs<T>> {
  const [before, startedAt] = [group.cpuSeconds(), performance.now()];
  const result = await work();
  return { result, cpuPercent: ((group.cpuSeconds() - before) * 100_000) / (performance.now() - startedAt) };
}

const wheelDown = 1 << 4;
const notchMs = 16;
const seenArea = { x: 300, y: 250, width: 300, height: 300 };

/** How many pictures of the middle of the screen a second come, while something is done again and again. */
async function framesSeen({ viewer, frames }: Watcher, ms: number, act: () => void = () => {}): Promise<number> {
  const [startedAt, before] = [performance.now(), frames()];
  while (performance.now() - startedAt < ms) {
    act();
    viewer.pointer(640, 400);
    await Bun.sleep(notchMs);
  }
  return ((frames() - before) * 1000) / (performance.now() - startedAt);
}

/** An agent that looks once a second; tells how long each look took. */
function startAgent({ cli }: SizingHost, name: string): { stop(): Promise<number[]> } {
  const tookMs: number[] = [];
  let isStopped = false;
  const loop = (async () => {
    while (!isStopped) {
      const startedAt = performance.now();
      await cli('exec', name, '--', 'screenshot', '--base64');
      tookMs.push(performance.now() - startedAt);
      await Bun.sleep(1_000);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await loop;
      return tookMs;
    },
  };
}

function initOf(daemon: TestDaemon, id: string): number {
  const state = Bun.spawnSync(['runc', '--root', join(daemon.runDir, 'runc'), 'state', id]);
  const { pid } = JSON.parse(state.stdout.toString());
  // Fails here, and says so, when it has ended.
  readFileSync(`/proc/${pid}/cgroup`);
  return pid;
}

/** Waits until the picture has stood still for two seconds. */
async function quiet({ daemon }: SizingHost, name: string): Promise<void> {
  let last = -1;
  await until(
    async () => {
      const { frameSerial } = (await daemon.call('GET', `/sandboxes/${name}/desktop`)).json;
      const isQuiet = frameSerial === last;
      last = frameSerial;
      await Bun.sleep(2_000);
      return isQuiet;
    },
    () => `frame ${last}`,
    patienceMs,
  );
}
