// A process of its own, the program on the desktop: it draws a scene, plays it, notes when it drew what, and answers each key press with a square of another colour at once. Argument: a PainterOrder as
// JSON; then one PainterCommand a line on standard input, and a PainterReply a line on standard output.
import { openXConnection } from '@bhatti/display/source/x-connection.ts';
import { createInterface } from 'node:readline';
import { paintStrip, stripHeight, stripNumbers, stripWidth } from '../figure/strip.ts';
import { CaptureRing } from './capture-ring.ts';
import { filmIndex } from './film.ts';
import type { PainterCommand, PainterLog, PainterOrder, PainterReply, Scene } from './painter-protocol.ts';
import { Screen, type XSegment } from './screen.ts';
import { wordsOf } from './shared-pixels.ts';
import { eventMasks } from './x11-drawing.ts';

const order: PainterOrder = JSON.parse(process.argv[2] ?? '');
const { width, height, keyBox } = order;
const x = await openXConnection({ display: order.display, cookie: Buffer.from(order.cookieBase64, 'base64') });
const screen = new Screen(x);
const captures = new CaptureRing(screen, await screen.attach(order.captures), { width, height });

const wheelDown = 5;
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
const emptyLog = (): Writable<PainterLog> => ({ frames: [], keys: [] });
let log = emptyLog();
let isPlaying = false;
let playing: Promise<void> | undefined;
let nextNumber = 0;

if (order.scene.kind !== 'bare') await drawBackground();
const play = await drawScene(order.scene);
if (order.scene.kind !== 'bare') openKeySquare();
await screen.settled();
answer({});

for await (const line of createInterface({ input: process.stdin })) answer(await obey(JSON.parse(line)));
process.exit(0);

async function obey(command: PainterCommand): Promise<PainterReply> {
  switch (command.do) {
    case 'play':
      isPlaying = true;
      playing = play();
      return {};
    case 'pause':
      isPlaying = false;
      await playing;
      await screen.settled();
      return {};
    case 'takeLog': {
      const taken = log;
      log = emptyLog();
      return { log: taken };
    }
    case 'capture':
      await captures.capture(command.slot);
      return {};
    case 'watch':
      captures.watch(command.strip);
      return {};
    case 'unwatch':
      return { captured: await captures.unwatch() };
    case 'pointer':
      x.xtest.FakeInput(x.xtest.MotionNotify, 0, 0, screen.root, command.x, command.y);
      await screen.settled();
      return {};
    case 'wheel':
      for (let notch = 0; notch < command.notches; notch++) {
        x.xtest.FakeInput(x.xtest.ButtonPress, wheelDown, 0, screen.root, 0, 0);
        x.xtest.FakeInput(x.xtest.ButtonRelease, wheelDown, 0, screen.root, 0, 0);
      }
      await screen.settled();
      return {};
  }
}

async function drawBackground(): Promise<void> {
  const pixmap = screen.pixmap({ width, height });
  screen.putPicture(pixmap, await screen.attach(order.wallpaper), { width, height });
  screen.openWindow({ x: 0, y: 0, width, height }, { backgroundPixmap: pixmap });
}

/** Draws the scene; what it gives back plays it until told to stop. */
async function drawScene(scene: Scene): Promise<() => Promise<void>> {
  if (scene.kind === 'film') {
    const window = screen.openWindow(scene.box);
    const film = await screen.attach(scene.film);
    await screen.settled();
    putFrame(window, film, scene, 0);
    return () => playFilm(window, film, scene);
  }
  if (scene.kind === 'still') {
    const size = { width: 560, height: 400 };
    screen.openWindow({ x: 120, y: 160, ...size }, { backgroundPixmap: screen.textPixmap(size) });
  }
  if (scene.kind === 'drag') openDragged(scene);
  return () => Promise.resolve();
}

async function playFilm(window: number, film: XSegment, scene: Scene & { kind: 'film' }): Promise<void> {
  const { framesPerSecond } = scene;
  const startedAt = performance.now();
  let last = -1;
  while (isPlaying) {
    // Timers are early by a part of a millisecond now and then; no frame is shown twice for that.
    const tick = Math.max(last + 1, Math.floor(((performance.now() - startedAt) * framesPerSecond) / 1000));
    last = tick;
    putFrame(window, film, scene, filmIndex(Math.round((tick * 60) / framesPerSecond), scene.film.frames));
    // A player waits until its picture was taken, and leaves out those for which it then is too late.
    await screen.settled();
    const waitMs = startedAt + ((tick + 1) * 1000) / framesPerSecond - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
  }
}

function putFrame(window: number, film: XSegment, { film: ref }: Scene & { kind: 'film' }, index: number): void {
  const number = takeNumber();
  const pixels = ref.width * ref.height;
  paintStrip(wordsOf(film.segment, index * pixels, pixels), 0, ref.width, number);
  screen.putPicture(window, film, ref, index);
  log.frames.push({ number, atMs: now(), filmIndex: index });
}

function openDragged({ box }: Scene & { kind: 'drag' }): void {
  const { buttonPress, buttonRelease, pointerMotion } = eventMasks;
  const window = screen.openWindow(box, {
    backgroundPixmap: screen.textPixmap(box),
    eventMask: buttonPress | buttonRelease | pointerMotion,
  });
  const strip = screen.openWindow({ x: 0, y: 0, width: stripWidth, height: stripHeight });
  let at = { x: box.x, y: box.y };
  let held: { x: number; y: number } | undefined;
  x.onEvent(({ name, wid, rootx = 0, rooty = 0 }) => {
    if (wid !== window) return;
    if (name === 'ButtonPress') held = { x: rootx - at.x, y: rooty - at.y };
    if (name === 'ButtonRelease') held = undefined;
    if (name !== 'MotionNotify' || held === undefined) return;
    at = { x: rootx - held.x, y: rooty - held.y };
    x.client.ConfigureWindow(window, at);
    const number = takeNumber();
    screen.paintStrip(strip, number);
    log.frames.push({ number, atMs: now(), x: rootx, y: rooty });
  });
  screen.paintStrip(strip, takeNumber());
}

function openKeySquare(): void {
  const colours = [0x10_1010, 0xf0_f0f0];
  const square = screen.openWindow(keyBox, { backgroundPixel: colours[0] ?? 0, eventMask: eventMasks.keyPress });
  let presses = 0;
  x.onEvent(({ name, wid }) => {
    if (name !== 'KeyPress' || wid !== square) return;
    const heardAtMs = now();
    screen.fill(square, colours[++presses % 2] ?? 0, { x: 0, y: 0, width: keyBox.width, height: keyBox.height });
    log.keys.push({ heardAtMs, paintedAtMs: now() });
  });
  screen.focus(square);
}

function takeNumber(): number {
  const number = nextNumber;
  nextNumber = (nextNumber + 1) % stripNumbers;
  return number;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function answer(reply: PainterReply): void {
  console.log(JSON.stringify(reply));
}
