import { deflateClipboard } from '@bhatti/display/clipboard/zlib-stream.ts';
import { provideText } from '@bhatti/rfb/clipboard.ts';
import { expect } from 'bun:test';
import { TestDisplay } from './display-server.ts';
import { PausableRelay } from './pausable-relay.ts';
import { type Random, seededRandom } from './random-kills.ts';
import { RfbViewer } from './rfb-viewer.ts';
import { seenBy, type ViewerKind, viewerKinds } from './soak-abilities.ts';
import {
  countEncodeThreads,
  type SoakHoldings,
  type SoakSample,
  takeHoldings,
  takeLeastSample,
} from './soak-sample.ts';
import { until } from './until.ts';
import { XPainter } from './x-painter.ts';

const base = { width: 800, height: 600 };
const sizes: readonly { readonly width: number; readonly height: number }[] = [
  base,
  { width: 640, height: 400 },
  { width: 333, height: 217 },
  { width: 801, height: 599 },
  { width: 1024, height: 768 },
  { width: 97, height: 1031 },
];
const maxGuests = 5;
const longTextBytes = 200_000;
/** Lines of the server's own, beside what the X server says. */
const complaints = /^(error|warning|internal error|request failed|viewer session failed|the streaming process ended)/m;

export interface SoakOptions {
  readonly seed: number;
  readonly minutes: number;
  /** From one measurement of memory to the next. */
  readonly measureEveryMinutes: number;
  readonly onSample?: (sample: SoakSample) => void;
}

/**
 * A desktop in use for long: viewers of all kinds come, stall, go and vanish; the screen changes its size, is drawn on and photographed; texts are copied. After each round all comes to rest: every viewer must then
 * have exactly the X server's pixels, and what is counted must be what it was, with one viewer, at one size. Now and then nobody is there for as long as it takes the server to give back what it does not need, and its
 * memory is measured. Throws with the seed and what was done in the round.
 */
export async function soak({
  seed,
  minutes,
  measureEveryMinutes,
  onSample = () => {},
}: SoakOptions): Promise<SoakSample[]> {
  await using display = await TestDisplay.start(base);
  using painter = await XPainter.open(display);
  const soaked = new Soak(display, painter, seededRandom(seed));
  const startedAtMs = performance.now();
  const spentMs = () => performance.now() - startedAtMs;
  const samples: SoakSample[] = [];
  let held: SoakHoldings | undefined;
  for (let rounds = 0; spentMs() < minutes * 60_000; rounds++) {
    try {
      held = await soaked.round(held);
      await soaked.dismissHost();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      const story = `seed ${seed}, round ${rounds}: ${soaked.done.join('; ')}\n${what}\n${display.log}`;
      throw new Error(story, { cause: error });
    }
    if (spentMs() < (samples.length + 1) * measureEveryMinutes * 60_000) continue;
    await soaked.untilForgotten();
    const sample = await takeLeastSample(display, held, spentMs());
    samples.push(sample);
    onSample(sample);
  }
  if (complaints.test(display.log)) throw new Error(`seed ${seed}: ${display.log}`);
  return samples;
}

/** Whether memory is flat: the least of the later half is not above that of the earlier one by more than the slack. */
export function expectFlat(samples: readonly SoakSample[], options: { readonly slackMib: number }): void {
  const middle = Math.floor(samples.length / 2);
  const [earlier, later] = [samples.slice(0, middle), samples.slice(middle)];
  const leastMib = (part: readonly SoakSample[], of: MemoryKey) => Math.min(...part.map((sample) => sample[of])) / 1024;
  for (const key of ['streamingKib', 'supervisorKib', 'xServerKib'] as const) {
    const [before, now] = [leastMib(earlier, key), leastMib(later, key)];
    expect([key, now]).toEqual([key, Math.min(now, before + options.slackMib)]);
  }
}

type MemoryKey = 'streamingKib' | 'supervisorKib' | 'xServerKib';

interface Guest {
  readonly kind: ViewerKind;
  readonly relay: PausableRelay;
  readonly viewer: RfbViewer;
  isStalled: boolean;
}

class Soak {
  readonly #display: TestDisplay;
  readonly #painter: XPainter;
  readonly #random: Random;
  #guests: Guest[] = [];
  #host: RfbViewer | undefined;
  /** What was done since the last rest. */
  done: string[] = [];

  constructor(display: TestDisplay, painter: XPainter, random: Random) {
    this.#display = display;
    this.#painter = painter;
    this.#random = random;
  }

  /** Disturbs, waits for rest, and sees that all is well: `before` is what was held at the first rest. */
  async round(before: SoakHoldings | undefined): Promise<SoakHoldings> {
    this.done = [];
    await this.#join();
    for (let left = 4 + this.#below(12); left > 0; left--) await this.#act();
    await this.#wakeAll();
    await this.#untilExact();
    for (const guest of this.#guests) await this.#leave(guest);
    await this.#rest();
    return this.#holdings(before);
  }

  /** What is held once that is the same for a while: sockets that were closed may still be there. It must be what was held before. */
  async #holdings(before: SoakHoldings | undefined): Promise<SoakHoldings> {
    let seen = '';
    let times = 0;
    return until(
      async () => {
        const held = await takeHoldings(this.#display, this.#painter.x);
        const now = JSON.stringify(held);
        times = now === seen ? times + 1 : 0;
        seen = now;
        return times > 20 && (before === undefined || now === JSON.stringify(before)) ? held : undefined;
      },
      () => `held before: ${JSON.stringify(before)}, now: ${seen}`,
    );
  }

  async dismissHost(): Promise<void> {
    this.#host?.[Symbol.dispose]();
    await this.#host?.closed;
    this.#host = undefined;
  }

  /** Until the threads that encode have been let go, as they are when nobody has looked for a while: what remains then is held for good. */
  async untilForgotten(): Promise<void> {
    await until(
      () => countEncodeThreads(this.#display) === 0,
      () => `${countEncodeThreads(this.#display)} threads`,
      40_000,
    );
  }

  /** One viewer, one size, one picture. */
  async #rest(): Promise<void> {
    const host = await RfbViewer.open(this.#display);
    this.#host = host;
    await until(() => host.heard('extendedDesktopSize').length > 0);
    if (host.framebuffer.width !== base.width || host.framebuffer.height !== base.height) this.#ask(host, base);
    await until(() => host.framebuffer.width === base.width && host.framebuffer.height === base.height);
    await this.#painter.put({ x: 0, y: 0, ...base }, (x, y) => (x * 255) ^ (y * 3));
    await this.#untilExact();
    await until(async () => (await this.#display.status()).viewers === 1);
  }

  async #act(): Promise<void> {
    const actions: readonly (() => Promise<void> | void)[] = [
      () => this.#join(),
      () => this.#part(),
      () => this.#stallOrWake(),
      () => this.#resize(),
      () => this.#copyText(),
      () => this.#paint(),
      () => this.#film(),
      () => this.#film(),
      () => this.#scroll(),
      () => this.#takePictures(),
      () => this.#useInput(),
      () => this.#untilExact(),
    ];
    await this.#pick(actions)();
  }

  async #join(): Promise<void> {
    if (this.#guests.length >= maxGuests) return this.#part();
    const kind = this.#pick(viewerKinds);
    this.done.push(`${kind.name} comes`);
    const relay = await PausableRelay.open(this.#display.port);
    const { authorization } = this.#display;
    const { encodings, format, isContinuous = false } = kind;
    const viewer = await RfbViewer.open(
      { port: relay.port, authorization },
      { encodings, isContinuous, ...(isContinuous ? { isWatching: false } : {}), ...(format && { format }) },
    );
    this.#guests.push({ kind, relay, viewer, isStalled: false });
  }

  async #part(): Promise<void> {
    const guest = this.#tryGuest();
    if (guest === undefined) return;
    await this.#leave(guest);
  }

  async #leave(guest: Guest): Promise<void> {
    this.#guests = this.#guests.filter((each) => each !== guest);
    const vanishes = guest.isStalled || this.#random() < 0.4;
    this.done.push(`${guest.kind.name} ${vanishes ? 'vanishes' : 'leaves'}`);
    if (vanishes) guest.relay[Symbol.dispose]();
    guest.viewer[Symbol.dispose]();
    await guest.viewer.closed;
    guest.relay[Symbol.dispose]();
  }

  #stallOrWake(): void {
    const guest = this.#tryGuest();
    if (guest === undefined) return;
    this.done.push(`${guest.kind.name} ${guest.isStalled ? 'wakes' : 'stalls'}`);
    if (guest.isStalled) guest.relay.resume();
    else guest.relay.pause();
    guest.isStalled = !guest.isStalled;
  }

  /** Some who stalled never read again. */
  async #wakeAll(): Promise<void> {
    for (const guest of this.#guests.filter(({ isStalled }) => isStalled)) {
      if (this.#random() < 0.5) await this.#leave(guest);
      else {
        this.done.push(`${guest.kind.name} wakes`);
        guest.relay.resume();
        guest.isStalled = false;
      }
    }
  }

  /** Sometimes several sizes at once, of which the last one counts. */
  #resize(): void {
    const guest = this.#tryGuest();
    if (guest === undefined || guest.viewer.heard('extendedDesktopSize').length === 0) return;
    for (let count = this.#random() < 0.3 ? 4 : 1; count > 0; count--) {
      const size = this.#pick(sizes);
      this.done.push(`${size.width}x${size.height}`);
      this.#ask(guest.viewer, size);
    }
  }

  #ask(viewer: RfbViewer, size: { readonly width: number; readonly height: number }): void {
    viewer.send({ type: 'setDesktopSize', ...size, screens: [{ id: 0, x: 0, y: 0, ...size, flags: 0 }] });
  }

  #copyText(): void {
    const guest = this.#tryGuest();
    if (guest === undefined) return;
    const text = 'copied '.repeat(this.#below(longTextBytes / 7));
    this.done.push(`${guest.kind.name} copies ${text.length}`);
    if (this.#random() < 0.5) guest.viewer.send({ type: 'clientCutText', text });
    else guest.viewer.send({ type: 'extendedClipboard', clipboard: provideText(text, deflateClipboard) });
  }

  async #paint(): Promise<void> {
    this.done.push('a picture');
    const { width, height } = this.#pick(sizes);
    await this.#painter.paint({ x: this.#below(200), y: this.#below(200), width, height: Math.min(height, 300) });
  }

  async #film(): Promise<void> {
    this.done.push('a film');
    const rect = {
      x: this.#below(100),
      y: this.#below(100),
      width: 160 + this.#below(200),
      height: 120 + this.#below(100),
    };
    for (let pictures = 10 + this.#below(30); pictures > 0; pictures--) {
      await this.#painter.paint(rect);
      await Bun.sleep(10);
    }
  }

  async #scroll(): Promise<void> {
    this.done.push('scrolls');
    const rect = { x: 10, y: 10, width: 300, height: 190 };
    for (let steps = 5 + this.#below(15); steps > 0; steps--) {
      const rows = 1 + this.#below(20);
      await this.#painter.scroll(rect, rows);
      await this.#painter.paint({ ...rect, y: rect.y + rect.height - rows, height: rows });
    }
  }

  async #takePictures(): Promise<void> {
    this.done.push('screenshots');
    const format = this.#pick(['png', 'jpeg', 'webp']);
    const paths = [`/screenshot?format=${format}&cursor=1`, '/windows', '/status'];
    const answers = await Promise.all(paths.map((path) => this.#display.control(path)));
    for (const answer of answers) {
      const { status } = answer;
      const { byteLength } = await answer.arrayBuffer();
      if (status !== 200 || byteLength === 0) throw new Error(`${answer.url} answered ${status}`);
    }
  }

  #useInput(): void {
    const guest = this.#tryGuest();
    if (guest === undefined) return;
    this.done.push('keys');
    guest.viewer.type('soak ');
    for (let i = 0; i < 20; i++) guest.viewer.pointer(this.#below(500), this.#below(300), i % 5 === 0 ? 1 : 0);
    guest.viewer.pointer(5, 5);
  }

  /** Every viewer that reads has exactly the X server's pixels. */
  async #untilExact(): Promise<void> {
    this.done.push('exact?');
    let wrong: string[] = [];
    await until(
      async () => {
        const wanted = await this.#display.pixels();
        const host: ViewerKind = { name: 'host', encodings: [] };
        const all = [
          ...this.#guests.filter(({ isStalled }) => !isStalled),
          ...(this.#host === undefined ? [] : [{ kind: host, viewer: this.#host }]),
        ];
        wrong = all.flatMap(({ kind, viewer }) => {
          const count = countWrong(kind, wanted, viewer);
          return count === 0 ? [] : [`${kind.name}: ${count} pixels differ after ${viewer.updates} updates`];
        });
        return wrong.length === 0;
      },
      () => wrong.join('\n'),
    );
  }

  #tryGuest(): Guest | undefined {
    return this.#guests[this.#below(this.#guests.length)];
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(list: readonly T[]): T {
    const found = list[this.#below(list.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  }
}

function countWrong(
  kind: ViewerKind,
  wanted: { readonly width: number; readonly height: number; readonly words: Int32Array },
  { framebuffer: { width, height, words } }: RfbViewer,
): number {
  if (wanted.width !== width || wanted.height !== height) return Infinity;
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    if (seenBy(kind, wanted.words[i] ?? 0) !== ((words[i] ?? 0) & 0xff_ffff)) count++;
  }
  return count;
}
