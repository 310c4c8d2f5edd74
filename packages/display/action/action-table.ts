import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason, sleep } from '@bhatti/base/operation.ts';
import type {
  Action,
  ActionName,
  ActionResult,
  Picture,
  Point,
  ScreenshotRequest,
} from '@bhatti/wire/display/action.ts';
import type { ActionEngineParts } from './engine.ts';
import type { Keyboard } from './keyboard.ts';
import type { Place, Pointer } from './pointer.ts';
import { launchProgram, openTarget } from './program.ts';
import { restOptions } from './screen-rest.ts';
import { inSpace, type Space } from './space.ts';
import { operateWindow } from './window-op.ts';

/** What an action works with. */
export interface ActionContext extends ActionEngineParts {
  readonly keyboard: Keyboard;
  readonly pointer: Pointer;
  readonly space: Space;
  /** The frame before the action. */
  readonly serial: number;
  readonly signal: AbortSignal;
  readonly picture: (wish: ScreenshotRequest) => Promise<Picture>;
}

/** What is said of an action beside how it went. */
export type ActionOutcome = Partial<
  Pick<
    ActionResult,
    'settled' | 'picture' | 'x' | 'y' | 'screen' | 'windows' | 'text' | 'pid' | 'elements' | 'unread' | 'truncated'
  >
>;

type ActionTable = {
  readonly [N in ActionName]: (
    context: ActionContext,
    action: Extract<Action, { do: N }>,
  ) => Promise<ActionOutcome> | ActionOutcome;
};

const defaultTimeoutMs = 30_000;
const pixelsPerClick = 53; // what Chromium and GTK move a page by at a click of the wheel
const maxClicks = 1_000;
const dragSteps = 12;
const dragStepMs = 8; // half a frame of the screen

export const actionTable: ActionTable = {
  screenshot: async ({ picture }, action) => ({ picture: await picture(action) }),
  zoom: async ({ picture, space }, action) => ({ picture: await picture({ fit: space.size, ...action }) }),
  click: async (context, { button = 'left', count = 1, hold, ...target }) =>
    acting(context, await placeOf(context, target), hold, () => context.pointer.click(button, count)),
  down: async (context, { button = 'left', ...target }) =>
    acting(context, await placeOf(context, target), [], () => context.pointer.down(button)),
  up: async (context, { button = 'left', ...target }) =>
    acting(context, await placeOf(context, target), [], () => context.pointer.up(button)),
  move: (context, { to, hold }) => acting(context, context.space.toScreen(to), hold, () => {}),
  drag(context, { path, button = 'left', hold, steps = dragSteps, stepMs = dragStepMs }) {
    const places = path.map((point) => context.space.toScreen(point));
    return acting(context, undefined, hold, () =>
      context.pointer.drag({ path: places, button, steps, stepMs }, context.signal),
    );
  },
  async scroll(context, { dx = 0, dy = 0, unit = 'click', hold, ...target }) {
    const clicks = (length: number, axis: 'width' | 'height') =>
      unit === 'click' ? whole(length) : clicksOf(context.space.lengthToScreen(length, axis));
    const [right, down] = [clicks(dx, 'width'), clicks(dy, 'height')];
    return acting(context, await placeOf(context, target), hold, () => context.pointer.scroll(right, down));
  },
  async type({ keyboard, clipboard, signal }, { text, delayMs = 0, via = 'keys' }) {
    if (via === 'keys') await keyboard.type(text, { delayMs, signal });
    else {
      await clipboard.set(text, signal);
      await keyboard.tap('ctrl+v', signal);
    }
    return {};
  },
  async key({ keyboard, signal }, { keys, repeat = 1 }) {
    for (let i = 0; i < repeat; i++) await keyboard.tap(keys, signal);
    return {};
  },
  async keydown({ keyboard, signal }, { keys }) {
    await keyboard.down(keys, signal);
    return {};
  },
  async keyup({ keyboard, signal }, { keys }) {
    await keyboard.up(keys, signal);
    return {};
  },
  async hold({ keyboard, signal }, { keys, ms }) {
    await keyboard.hold(keys, () => sleep({ signal }, ms), signal);
    return {};
  },
  async wait({ signal }, { ms }) {
    await sleep({ signal }, ms);
    return {};
  },
  settle: async ({ rest, serial, signal }, action) => ({
    settled: await rest.rest(serial, restOptions(action), signal),
  }),
  async waitChange({ rest, serial, signal }, { timeoutMs = defaultTimeoutMs }) {
    if (!(await rest.change(serial, timeoutMs, signal))) throw timedOut('nothing on the screen changed', timeoutMs);
    return {};
  },
  async waitWindow({ desktop, rest, signal }, { title, timeoutMs = defaultTimeoutMs }) {
    const endsAtMs = performance.now() + timeoutMs;
    const wanted = title.toLowerCase();
    for (;;) {
      const windows = (await desktop.windows()).filter((window) => window.title.toLowerCase().includes(wanted));
      if (windows.length > 0) return { windows };
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) throw timedOut(`no window is called "${title}"`, timeoutMs);
      // A title can change without a pixel.
      await rest.next(Math.min(leftMs, 100), signal);
    }
  },
  cursor: async ({ pointer, space }) => space.fromScreen(await pointer.place()),
  size: ({ desktop }) => ({ screen: desktop.screen() }),
  windows: async ({ desktop }) => ({ windows: await desktop.windows() }),
  async window({ x, space }, action) {
    await operateWindow(x, action, space);
    return {};
  },
  async copied({ clipboard, lease, signal }) {
    // A password on its way from one program to another is in it.
    lease.checkScreen();
    return { text: await clipboard.get(signal) };
  },
  async copy({ clipboard, signal }, { text }) {
    await clipboard.set(text, signal);
    return {};
  },
  open: async ({ x }, { target }) => ({ pid: await openTarget(x, target) }),
  launch: async ({ x }, { app, args = [] }) => ({ pid: await launchProgram(x, app, args) }),
  async resize({ resize, desktop }, { width, height }) {
    await resize({ width, height });
    return { screen: desktop.screen() };
  },
  async tree({ a11y }, { do: _do, ...request }) {
    const { text, unread, truncated } = await a11y.tree(request);
    return { text, unread, truncated };
  },
  async find({ a11y, space }, { do: _do, ...request }) {
    const { elements, unread, truncated } = await a11y.find(request);
    return { elements: elements.map((element) => inSpace(element, space)), unread, truncated };
  },
  async focus({ a11y }, { ref }) {
    await a11y.focus({ ref });
    return {};
  },
  async invoke({ a11y }, { do: _do, ...request }) {
    await a11y.invoke(request);
    return {};
  },
  async set({ a11y, keyboard, signal }, { do: _do, ...request }) {
    const { mustType } = await a11y.setValue(request);
    // Where a program takes text from the keyboard only, the element has it now, and what it held is selected.
    if (mustType === true) await keyboard.type(String(request.value), { delayMs: 0, signal });
    return {};
  },
};

/** Where on the screen; undefined where the pointer is. */
async function placeOf(
  { a11y, space }: ActionContext,
  { at, ref }: { readonly at?: Point | undefined; readonly ref?: string | undefined },
): Promise<Place | undefined> {
  if (ref === undefined) return at && space.toScreen(at);
  if (at === undefined) return a11y.locate({ ref });
  const message = 'cannot point at both: "at" and "ref" are given, and they may be two places';
  throw new CodedError('INVALID_ARGUMENT', message, { argument: 'ref', value: ref });
}

/** The pointer goes there and does something, with keys held down meanwhile. */
async function acting(
  { keyboard, pointer, signal }: ActionContext,
  place: Place | undefined,
  hold: readonly string[] = [],
  act: () => void | Promise<void>,
): Promise<ActionOutcome> {
  const body = async () => {
    // A person may have taken over while the keys went down.
    if (signal.aborted) throw abortReason(signal);
    if (place !== undefined) pointer.move(place);
    await act();
  };
  await (hold.length === 0 ? body() : keyboard.hold(hold, body, signal));
  return {};
}

function whole(clicks: number): number {
  return Math.max(-maxClicks, Math.min(maxClicks, Math.round(clicks)));
}

/** At least one, where there is any way to go. */
function clicksOf(pixels: number): number {
  const clicks = whole(pixels / pixelsPerClick);
  return clicks === 0 ? Math.sign(pixels) : clicks;
}

function timedOut(what: string, afterMs: number): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', `timed out after ${afterMs} ms: ${what}`, { afterMs });
}
