import type {
  Action,
  ActionResult,
  Batch,
  BatchReply,
  Button,
  Point,
  ScreenshotRequest,
  Size,
} from '@bhatti/wire/display/action.ts';
import type { DesktopStatus, DesktopWindow, Screen } from '@bhatti/wire/display/control.ts';

import { fromBase64 } from '../bytes.ts';
import type { Calls, CallOptions } from '../calls.ts';
import { Actor, split, type ActOptions, type BatchOptions, type DesktopDefaults, type Fields } from './act.ts';
import { Clipboard } from './clipboard.ts';
import { WindowControl } from './window-control.ts';

const drawnMs = 30_000; // a first boot on a busy machine takes a tenth of it
const graceMs = 15_000; // beyond what the desktop itself was given to wait

/**
 * The screen, mouse and keyboard of one sandbox. Coordinates are `[x, y]` from the left top, in pixels of the screen or of `space`. A method that carries out one action throws
 * the action's error; `batch` and `act` answer what became of each.
 */
export class Desktop {
  readonly clipboard: Clipboard;
  readonly #calls: Calls;
  readonly #sandbox: string;
  readonly #actor: Actor;

  constructor(calls: Calls, sandbox: string, actor = new Actor(calls, sandbox, {})) {
    this.#calls = calls;
    this.#sandbox = sandbox;
    this.#actor = actor;
    this.clipboard = new Clipboard(actor);
  }

  /** The same desktop, with coordinates meant in a picture of another size, or with a rest after each action. */
  with(defaults: DesktopDefaults): Desktop {
    return new Desktop(this.#calls, this.#sandbox, this.#actor.with(defaults));
  }

  status(options: CallOptions = {}): Promise<DesktopStatus> {
    return this.#calls.repeat(options, async (op) => (await this.#calls.client.desktop()).status(op, this.#sandbox));
  }

  /** Resolves when the desktop is drawn; a `create` that waits has seen to that. Throws TIMED_OUT, after 30 s by default. */
  waitDrawn({ timeoutMs = drawnMs, signal }: CallOptions = {}): Promise<DesktopStatus> {
    return this.#calls.repeat({ signal, timeoutMs: timeoutMs + graceMs }, async (op) =>
      (await this.#calls.client.desktop()).waitDrawn(op, this.#sandbox, timeoutMs),
    );
  }

  /** A picture as the bytes of a file, PNG by default; as large as `space`, or the screen. */
  async screenshot(options: ActOptions & ScreenshotRequest = {}): Promise<Uint8Array> {
    const { fields, options: call } = split(options);
    // Only a batch maps a region from `space`.
    if ((call.space ?? this.#actor.defaults.space) !== undefined)
      return this.#picture({ do: 'screenshot', ...fields }, call);
    return this.#calls.repeat(call, async (op) =>
      (await this.#calls.client.desktop()).screenshot(op, this.#sandbox, fields),
    );
  }

  /** A part of the screen, `[left, top, right, bottom]`, with all the pixels that it has. */
  zoom(region: Fields<'zoom'>['region'], options: ActOptions & Fields<'zoom', 'region'> = {}): Promise<Uint8Array> {
    const { fields, options: call } = split(options);
    return this.#picture({ do: 'zoom', region, ...fields }, call);
  }

  /** Where the pointer is, or at `at`. */
  click(at?: Point, options: ActOptions & Fields<'click', 'at'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'click', at, ...fields }, call);
  }

  doubleClick(at?: Point, options: ActOptions & Fields<'click', 'at' | 'count'> = {}): Promise<ActionResult> {
    return this.click(at, { ...options, count: 2 });
  }

  move(to: Point, options: ActOptions & Fields<'move', 'to'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'move', to, ...fields }, call);
  }

  /** Presses a button and leaves it pressed. */
  down(button: Button = 'left', options: ActOptions & Fields<'down', 'button'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'down', button, ...fields }, call);
  }

  up(button: Button = 'left', options: ActOptions & Fields<'up', 'button'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'up', button, ...fields }, call);
  }

  /** From the first point to the last with a button held, past the places in between. */
  drag(path: readonly Point[], options: ActOptions & Fields<'drag', 'path'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'drag', path: [...path], ...fields }, call);
  }

  /** `dy` down, `dx` to the right; in clicks of the wheel by default. */
  scroll(options: ActOptions & Fields<'scroll'>): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'scroll', ...fields }, call);
  }

  /** Any Unicode. */
  type(text: string, options: ActOptions & Fields<'type', 'text'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'type', text, ...fields }, call);
  }

  /** A key, or several at once: `Return`, `ctrl+shift+t`. */
  key(keys: string, options: ActOptions & Fields<'key', 'keys'> = {}): Promise<ActionResult> {
    const { fields, options: call } = split(options);
    return this.#actor.one({ do: 'key', keys, ...fields }, call);
  }

  keyDown(keys: string, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'keydown', keys }, options);
  }

  keyUp(keys: string, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'keyup', keys }, options);
  }

  /** Holds keys down for a while. */
  hold(keys: string, ms: number, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'hold', keys, ms }, options);
  }

  wait(ms: number, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'wait', ms }, options);
  }

  /** Waits until the screen is at rest; `settled` says whether it came to that. */
  async settle(options: CallOptions & Fields<'settle'> = {}): Promise<{ readonly settled: boolean } & ActionResult> {
    const { signal, timeoutMs, ...fields } = options;
    const action: Action = { do: 'settle', ...fields };
    return this.#actor.ask(action, ['settled'], { signal, timeoutMs });
  }

  /** Throws TIMED_OUT when nothing changes for `timeoutMs`. */
  waitChange({ signal, timeoutMs }: CallOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'waitChange', timeoutMs }, { signal, timeoutMs: later(timeoutMs) });
  }

  async cursor(options: ActOptions = {}): Promise<{ readonly x: number; readonly y: number }> {
    const { x, y } = await this.#actor.ask({ do: 'cursor' }, ['x', 'y'], options);
    return { x, y };
  }

  async size(options: ActOptions = {}): Promise<Screen> {
    return (await this.#actor.ask({ do: 'size' }, ['screen'], options)).screen;
  }

  /** Front to back. */
  async windows(options: ActOptions = {}): Promise<DesktopWindow[]> {
    return (await this.#actor.ask({ do: 'windows' }, ['windows'], options)).windows;
  }

  window(id: number): WindowControl {
    return new WindowControl(this.#actor, id);
  }

  /** Waits for a window whose title holds this text. Throws TIMED_OUT when none comes for `timeoutMs`. */
  waitWindow(title: string, { signal, timeoutMs }: CallOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'waitWindow', title, timeoutMs }, { signal, timeoutMs: later(timeoutMs) });
  }

  resize({ width, height }: Size, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'resize', width, height }, options);
  }

  /** A file or an address, with the program that the desktop has for it. */
  open(target: string, options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'open', target }, options);
  }

  /** A program by its name or path. No shell reads its arguments. */
  launch(app: string, args: readonly string[] = [], options: ActOptions = {}): Promise<ActionResult> {
    return this.#actor.one({ do: 'launch', app, args: [...args] }, options);
  }

  /** Several actions in one round trip, in order. That one of them failed is a result: see `ok`. */
  batch(actions: readonly Action[], options: BatchOptions = {}): Promise<BatchReply> {
    return this.#actor.batch(actions, options);
  }

  /** A batch exactly as it is, whatever `with` was told. */
  act(batch: Batch, options: CallOptions = {}): Promise<BatchReply> {
    return this.#actor.act(batch, options);
  }

  async #picture(action: Action, options: ActOptions): Promise<Uint8Array> {
    const { picture } = await this.#actor.ask(action, ['picture'], options);
    return fromBase64(picture.data);
  }
}

/** A wait of the desktop's own ends there first, with its own words. */
function later(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : timeoutMs + graceMs;
}
