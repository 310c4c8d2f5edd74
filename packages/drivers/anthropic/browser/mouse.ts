import type { CdpObject } from '../../cdp/connection.ts';
import type { CdpSession } from '../../cdp/session.ts';
import { at, numberAt } from '../../cdp/json.ts';

/** In CSS pixels of the viewport. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The pointer of one tab. */
export interface Pointer {
  place: Place;
  isLeftDown: boolean;
}

export interface Click {
  readonly button: 'left' | 'right' | 'middle';
  readonly count: number;
  readonly modifiers: number;
}

const leftMask = 1;
const notchPx = 100; // what a notch of the wheel scrolls by in Chromium on most systems
const dragSteps = 10; // pages that drag by themselves look at the way, not only at its ends

export async function movePointer(session: CdpSession, pointer: Pointer, to: Place, modifiers = 0): Promise<void> {
  await mouse(session, 'mouseMoved', to, { modifiers, ...downOf(pointer) });
  pointer.place = to;
}

export async function click(session: CdpSession, pointer: Pointer, to: Place, how: Click): Promise<void> {
  const { button, count, modifiers } = how;
  await movePointer(session, pointer, to, modifiers);
  for (let clickCount = 1; clickCount <= count; clickCount++) {
    await mouse(session, 'mousePressed', to, { button, clickCount, modifiers, buttons: maskOf(button) });
    await mouse(session, 'mouseReleased', to, { button, clickCount, modifiers, buttons: 0 });
  }
}

export async function pressLeft(session: CdpSession, pointer: Pointer, to: Place): Promise<void> {
  await movePointer(session, pointer, to);
  await mouse(session, 'mousePressed', to, { button: 'left', clickCount: 1, buttons: leftMask });
  pointer.isLeftDown = true;
}

export async function releaseLeft(session: CdpSession, pointer: Pointer, to: Place): Promise<void> {
  await movePointer(session, pointer, to);
  await mouse(session, 'mouseReleased', to, { button: 'left', clickCount: 1, buttons: 0 });
  pointer.isLeftDown = false;
}

/**
 * Presses, moves, releases. What the page lets be dragged (a link, `draggable`) the browser drags by the system's own means, which events of the protocol do not move: it is
 * told to hand that over, and gets the steps of such a drag instead.
 */
export async function drag(session: CdpSession, pointer: Pointer, from: Place, to: Place): Promise<void> {
  let dragged: CdpObject | undefined;
  const stop = session.on('Input.dragIntercepted', (params) => (dragged = params));
  await session.send('Input.setInterceptDrags', { enabled: true });
  try {
    await pressLeft(session, pointer, from);
    for (let step = 1; step <= dragSteps && dragged === undefined; step++)
      await movePointer(session, pointer, between(from, to, step / dragSteps));
    if (dragged !== undefined) await dropDragged(session, at(dragged, 'data'), to);
  } finally {
    stop();
    if (pointer.isLeftDown) await releaseLeft(session, pointer, to);
    await session.send('Input.setInterceptDrags', { enabled: false });
  }
}

export async function scroll(
  session: CdpSession,
  pointer: Pointer,
  to: Place,
  notches: { readonly x: number; readonly y: number },
): Promise<void> {
  await movePointer(session, pointer, to);
  await mouse(session, 'mouseWheel', to, { deltaX: notches.x * notchPx, deltaY: notches.y * notchPx });
}

async function dropDragged(session: CdpSession, data: unknown, { x, y }: Place): Promise<void> {
  const modifiers = numberAt(data, 'modifiers') ?? 0;
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await session.send('Input.dispatchDragEvent', { type, x, y, data, modifiers });
}

function mouse(session: CdpSession, type: string, { x, y }: Place, more: CdpObject) {
  return session.send('Input.dispatchMouseEvent', { type, x, y, ...more });
}

function downOf({ isLeftDown }: Pointer): CdpObject {
  return isLeftDown ? { button: 'left', buttons: leftMask } : {};
}

function maskOf(button: Click['button']): number {
  return button === 'left' ? leftMask : button === 'right' ? 2 : 4;
}

function between(from: Place, to: Place, share: number): Place {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
