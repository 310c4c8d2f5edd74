// Runs in the viewer's page before the web client does, and looks at the canvas that a person would look at: after each drawing call, to know when a pixel was there, and at each refresh of the browser, to
// know what was seen. It knows nothing of the client but that it draws on a canvas and hears a WebSocket.
import { cellsOfRow, numberOf, stripHeight, stripWidth } from '../figure/strip.ts';
import type { Area, KeyTimes, ProbeLog, ProbeHooks, SeenFrame } from './probe-hooks.ts';

const brighter = 48; // of 255: more than a lossy codec is off, less than a letter differs from its paper
const changedPixels = 8; // about what the smallest letter has

let canvas: HTMLCanvasElement | undefined;
let strip: { x: number; y: number } | undefined;
let keyArea: Area | undefined;

let drawn: SeenFrame[] = [];
let shown: number[] = [];
let keys: KeyTimes[] = [];
let moves: { x: number; y: number; atMs: number }[] = [];
let isCounting = false;
let isDrawn = false;
let lastNumber = -1;
let lastMessageAtMs = 0;
let pending: { pressedAtMs: number; sentAtMs: number; before: Uint8ClampedArray } | undefined;
const snapshots: { number: number; pixels: ImageData }[] = [];

const now = () => performance.timeOrigin + performance.now();

const hooks: ProbeHooks = {
  watch(what) {
    strip = what.strip;
    keyArea = what.key;
    lastNumber = -1;
    hooks.takeLog();
    if (strip !== undefined && !isCounting) noteRefresh();
  },
  takeLog(): ProbeLog {
    const log = { drawn, shown, keys, moves };
    [drawn, shown, keys, moves] = [[], [], [], []];
    return log;
  },
  get isPending() {
    return pending !== undefined;
  },
  giveUp() {
    if (pending !== undefined) keys.push({ ...pending, messageAtMs: lastMessageAtMs, seenAtMs: now() });
    pending = undefined;
  },
  get isDrawn() {
    return isDrawn;
  },
  get size() {
    return { width: canvas?.width ?? 0, height: canvas?.height ?? 0 };
  },
  now,
  snap() {
    const pixels = readCanvas({ x: 0, y: 0, ...hooks.size });
    if (pixels !== undefined) snapshots.push({ number: readNumber() ?? -1, pixels });
  },
  takeSnapshot() {
    const snapshot = snapshots.shift();
    if (snapshot === undefined) return undefined;
    const { width, height, data } = snapshot.pixels;
    let text = '';
    for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
    return { number: snapshot.number, width, height, base64: btoa(text) };
  },
};
Object.assign(window, { displayBench: hooks });

for (const name of ['drawImage', 'putImageData', 'fillRect'] as const) {
  const original = CanvasRenderingContext2D.prototype[name] as (...args: unknown[]) => void;
  Object.assign(CanvasRenderingContext2D.prototype, {
    [name](this: CanvasRenderingContext2D, ...args: unknown[]) {
      original.apply(this, args);
      if (isPicture(this.canvas)) noteDrawn();
    },
  });
}

const { prototype } = WebSocket;
prototype.send = new Proxy(Reflect.get(prototype, 'send') as WebSocket['send'], {
  apply(send, socket, args) {
    if (pending?.sentAtMs === 0) pending.sentAtMs = now();
    Reflect.apply(send, socket, args);
  },
});
// Sockets stay what they were: noVNC looks at their prototype.
window.WebSocket = new Proxy(WebSocket, {
  construct(target, [url, protocols]: [string | URL, string[] | undefined]) {
    const socket = new target(url, protocols);
    socket.addEventListener('message', () => (lastMessageAtMs = now()));
    return socket;
  },
});

window.addEventListener('keydown', noteKey, { capture: true });
window.addEventListener('mousemove', ({ clientX, clientY }) => moves.push({ x: clientX, y: clientY, atMs: now() }), {
  capture: true,
});

/** The largest canvas of the page: clients have smaller ones too, for the cursor, and some that nobody sees. */
function isPicture(drawnOn: HTMLCanvasElement): boolean {
  const { width, height } = hooks.size;
  if (drawnOn.isConnected && drawnOn.width * drawnOn.height >= width * height) canvas = drawnOn;
  return drawnOn === canvas;
}

function noteKey(): void {
  const before = keyArea === undefined ? undefined : readCanvas(keyArea)?.data;
  // A key that is pressed while the last one has not been seen is lost in it.
  if (before !== undefined && pending === undefined) pending = { pressedAtMs: now(), sentAtMs: 0, before };
}

/** Only while frames are counted: a page that wants every refresh gets what its sockets receive after a key only at the next one, so that every server would seem as slow as the screen. */
function noteRefresh(): void {
  isCounting = strip !== undefined;
  if (isCounting) requestAnimationFrame(noteRefresh);
  const number = readNumber();
  if (number !== undefined && number !== shown.at(-1)) shown.push(number);
}

function noteDrawn(): void {
  const atMs = now();
  isDrawn = true;
  const number = readNumber();
  if (number !== undefined && number !== lastNumber) {
    lastNumber = number;
    drawn.push({ number, atMs });
  }
  if (pending === undefined || keyArea === undefined) return;
  const after = readCanvas(keyArea)?.data;
  if (after === undefined || !differs(pending.before, after)) return;
  keys.push({ ...pending, messageAtMs: lastMessageAtMs, seenAtMs: atMs });
  pending = undefined;
}

function differs(before: Uint8ClampedArray, after: Uint8ClampedArray): boolean {
  let count = 0;
  for (let at = 1; at < after.length; at += 4) {
    if (Math.abs((after[at] ?? 0) - (before[at] ?? 0)) > brighter && ++count >= changedPixels) return true;
  }
  return false;
}

function readNumber(): number | undefined {
  if (strip === undefined) return undefined;
  const row = readCanvas({ x: strip.x, y: strip.y + stripHeight / 2, width: stripWidth, height: 1 });
  return row === undefined ? undefined : numberOf(cellsOfRow(row.data));
}

function readCanvas({ x, y, width, height }: Area): ImageData | undefined {
  if (canvas === undefined || width === 0 || height === 0) return undefined;
  return canvas.getContext('2d')?.getImageData(x, y, width, height);
}
