// What the same changes cost on a small and on a large screen: processor time of the streaming process and time until a viewer has the pixels, the sizes in turn; then memory, and idling with a viewer.
import { cpuSeconds, treeOf } from './display/peer/process-tree.ts';
import './display/scene/x11-drawing.ts';
import { TestDisplay } from '../tests/support/display-server.ts';
import { RfbViewer, usualEncodings } from '../tests/support/rfb-viewer.ts';
import { until } from '../tests/support/until.ts';
import { XPainter } from '../tests/support/x-painter.ts';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { report } from './harness.ts';
import { sharedOnceMb } from './memory.ts';

const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
];
const rounds = 4;
const idleMs = 20_000;

interface Screen extends AsyncDisposable {
  readonly name: string;
  readonly display: TestDisplay;
  readonly painter: Painter;
  readonly viewer: RfbViewer;
}

/** Something that happens on the screen. `step` draws once, and says where which colour is then. */
interface Change {
  readonly name: string;
  readonly steps: number;
  readonly everyMs: number;
  step(painter: Painter, step: number): { readonly x: number; readonly y: number; readonly colour: number };
}

/** Draws on the root window, in the middle of the screen: where something is must not make a difference. */
class Painter {
  readonly #painter: XPainter;
  readonly #gc: number;
  readonly left: number;
  readonly top: number;

  constructor(painter: XPainter, { width, height }: { width: number; height: number }) {
    this.#painter = painter;
    this.#gc = painter.x.client.AllocID();
    painter.x.client.CreateGC(this.#gc, painter.x.screen.root, { graphicsExposures: 0 });
    this.left = (width - 1280) >> 1;
    this.top = (height - 720) >> 1;
  }

  fill(colour: number, ...rects: readonly (readonly [number, number, number, number])[]): void {
    const { client, screen } = this.#painter.x;
    client.ChangeGC(this.#gc, { foreground: colour });
    const placed = rects.flatMap(([x, y, width, height]) => [this.left + x, this.top + y, width, height]);
    client.PolyFillRectangle(screen.root, this.#gc, placed);
  }

  /** Moves the whole area up. */
  scroll(rows: number): void {
    const { client, screen } = this.#painter.x;
    const { left, top } = this;
    client.CopyArea(screen.root, screen.root, this.#gc, left, top + rows, left, top, 1280, 720 - rows);
  }

  line(y: number, seed: number, colour: number): void {
    this.fill(0xf8f8f8, [0, y, 1280, 20]);
    // As wide as letters, of another pattern in each line.
    const letters = Array.from({ length: 150 }, (_, i) => i).filter(
      (i) => Math.imul(i + seed * 151, 0x9e37_79b1) >>> 30 > 0,
    );
    this.fill(
      0x202020,
      ...letters.map((i) => [8 + i * 8, y + 3, 1 + (Math.imul(i * 31 + seed, 0x85eb_ca6b) >>> 29), 12] as const),
    );
    this.fill(colour, [0, y, 4, 20]);
  }

  [Symbol.dispose](): void {
    this.#painter[Symbol.dispose]();
  }
}

const colourOf = (step: number) => 0x10_1010 + ((step * 0x01_0305) & 0x7f_7f7f);

const changes: readonly Change[] = [
  {
    name: 'letter',
    steps: 40,
    everyMs: 50,
    step(painter, step) {
      const [x, y] = [100 + step * 8, 200];
      painter.fill(colourOf(step), [x, y, 2, 14], [x + 2, y + 6, 4, 2], [x + 5, y, 2, 14]);
      return { x, y, colour: colourOf(step) };
    },
  },
  {
    name: 'blink-200x100',
    steps: 30,
    everyMs: 100,
    step(painter, step) {
      painter.fill(colourOf(step), [500, 300, 200, 100]);
      return { x: 699, y: 399, colour: colourOf(step) };
    },
  },
  {
    name: 'scroll-1280x720',
    steps: 60,
    everyMs: 33,
    step(painter, step) {
      painter.scroll(20);
      painter.line(700, step, colourOf(step));
      return { x: 0, y: 719, colour: colourOf(step) };
    },
  },
];

await using stack = new AsyncDisposableStack();
const screens: Screen[] = [];
for (const size of sizes) screens.push(stack.use(await openScreen(size)));

const cpu = new Map<string, number[]>();
const latency = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const change of changes) {
    for (const screen of screens) {
      const measured = await run(screen, change);
      // The first round warms up.
      if (round === 0) continue;
      push(cpu, `scale-cpu-${change.name}-${screen.name}`, [measured.cpuMs]);
      push(cpu, `scale-cpu-of-x-${change.name}-${screen.name}`, [measured.xCpuMs]);
      push(latency, `scale-latency-${change.name}-${screen.name}`, measured.latenciesMs);
    }
  }
}
for (const [name, samples] of [...cpu, ...latency]) report(name, 'ms', samples);

for (const { name, display } of screens) {
  const all = treeOf([display.pid]);
  report(`scale-memory-without-x-${name}`, 'MB', [sharedOnceMb(all.filter((pid) => pid !== display.xServerPid()))]);
  report(`scale-memory-with-x-${name}`, 'MB', [sharedOnceMb(all)]);
}
const before = screens.map(({ display }) => cpuSeconds([display.pid]));
await Bun.sleep(idleMs);
screens.forEach(({ name, display }, i) => {
  report(`scale-idle-${name}`, '%', [((cpuSeconds([display.pid]) - (before[i] ?? 0)) * 100_000) / idleMs]);
});

async function openScreen(size: { width: number; height: number }): Promise<Screen> {
  await using opening = new AsyncDisposableStack();
  const display = opening.use(await TestDisplay.start({ ...size, flags: ['-FrameRate=60'] }));
  const painter = opening.use(new Painter(await XPainter.open(display), size));
  const viewer = opening.use(
    await RfbViewer.open(display, { encodings: usualEncodings.filter((encoding) => encoding !== Encoding.zrle) }),
  );
  for (let y = 0; y < 720; y += 20) painter.line(y, y, 0x30_3030);
  await until(() => pixel(viewer, painter, { x: 0, y: 719 }) === 0x30_3030);
  const owned = opening.move();
  const name = `${size.width}x${size.height}`;
  return { name, display, painter, viewer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The steps at their pace: processor time of one in the streaming process, and how long each took until the viewer had decoded it. */
async function run({ display, painter, viewer }: Screen, change: Change) {
  const streaming = display.streamingPid() ?? 0;
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const xServer = display.xServerPid() ?? 0;
  const [cpuBefore, xCpuBefore] = [cpuSeconds([streaming]), cpuSeconds([xServer])];
  for (let step = 0; step < change.steps; step++) {
    await Bun.sleep(Math.max(0, startedAt + step * change.everyMs - performance.now()));
    const drawnAt = performance.now();
    const wanted = change.step(painter, step);
    while (pixel(viewer, painter, wanted) !== wanted.colour) {
      if (performance.now() - drawnAt > 10_000) throw new Error(`${change.name}: the viewer has not seen step ${step}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    latenciesMs.push(performance.now() - drawnAt);
  }
  await Bun.sleep(300); // a refresh of what was sent with loss is part of the cost
  const perStepMs = (seconds: number) => (seconds * 1000) / change.steps;
  return {
    cpuMs: perStepMs(cpuSeconds([streaming]) - cpuBefore),
    xCpuMs: perStepMs(cpuSeconds([xServer]) - xCpuBefore),
    latenciesMs,
  };
}

function pixel({ framebuffer: { width, words } }: RfbViewer, painter: Painter, at: { x: number; y: number }): number {
  return (words[(painter.top + at.y) * width + painter.left + at.x] ?? 0) & 0xff_ffff;
}

function push(samples: Map<string, number[]>, name: string, more: readonly number[]): void {
  samples.set(name, [...(samples.get(name) ?? []), ...more]);
}
