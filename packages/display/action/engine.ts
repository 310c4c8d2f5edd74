import { describe, toCodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import type {
  Action,
  ActionResult,
  Batch,
  BatchReply,
  Picture,
  ScreenshotRequest,
} from '@bhatti/wire/display/action.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import type { ControlledDesktop } from '../desktop/control-api.ts';
import type { A11yTree } from '../a11y/a11y-tree.ts';
import type { AgentTurn } from '../lease/agent-turn.ts';
import type { InputLease } from '../lease/input-lease.ts';
import { actionTable, type ActionContext, type ActionOutcome } from './action-table.ts';
import type { ActionClipboard } from './action-clipboard.ts';
import { Keyboard } from './keyboard.ts';
import { Pointer } from './pointer.ts';
import { restOptions, type ScreenRest } from './screen-rest.ts';
import type { PictureLabel } from '../encode/label-overlay.ts';
import { inSpace, Space } from './space.ts';
import type { LabelledElement } from '@bhatti/wire/display/a11y.ts';
import type { XConnection } from '../source/x-connection.ts';

export interface ActionEngineParts {
  readonly x: XConnection;
  readonly desktop: ControlledDesktop;
  readonly rest: ScreenRest;
  readonly clipboard: ActionClipboard;
  readonly a11y: A11yTree;
  readonly lease: InputLease;
  /** Captures what was drawn, and says which frame that is. */
  readonly freshSerial: () => Promise<number>;
  /** A batch was carried out; the next one waits for this. */
  readonly onBatch: (batch: Batch, reply: BatchReply) => Promise<void>;
  readonly resize: (size: { readonly width: number; readonly height: number }) => Promise<void>;
}

/** Actions that leave the screen as it is: they need no lease, and nothing has to settle after them. */
const readings: ReadonlySet<string> = new Set<Action['do']>([
  ...(['screenshot', 'zoom', 'wait', 'settle', 'waitChange', 'waitWindow', 'cursor', 'size', 'windows'] as const),
  ...(['copied', 'tree', 'find'] as const),
]);

/** What of the screen they tell is withheld as its picture is. */
const revealing: ReadonlySet<string> = new Set<Action['do']>(['tree', 'find', 'copied']);

/** What an action is carried out in. */
interface Setting {
  readonly batch: Batch;
  readonly turn: AgentTurn;
  /** The frame before it. */
  readonly serial: number;
  /** Ends it: the caller has gone away, or a person has taken over. */
  readonly signal: AbortSignal;
  /** Ends when the caller has gone away. */
  readonly caller: AbortSignal;
}

/** Carries out batches of actions on the desktop, one batch at a time, in the order in which they come. */
export class ActionEngine {
  readonly #parts: ActionEngineParts;
  readonly #keyboard: Keyboard;
  readonly #pointer: Pointer;
  #last: Promise<unknown> = Promise.resolve();
  /** Whose batch acted last. */
  #lastActor: AbortSignal | undefined;

  constructor(parts: ActionEngineParts) {
    this.#parts = parts;
    this.#keyboard = new Keyboard(parts.x);
    this.#pointer = new Pointer(parts.x);
  }

  /** What failed is in the reply. Rejects when `signal` ends it, and then nothing of it is held down any more; and with the picture's error when it only looks. */
  act(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const turn = this.#last.then(() => {
      if (signal.aborted) throw abortReason(signal);
      return this.#runAndTell(batch, signal);
    });
    this.#last = turn.catch(() => {}); // expected: whoever asked hears of it
    return turn;
  }

  /** Whether actions left a key or a button down. */
  get holdsDown(): boolean {
    return this.#keyboard.holdsDown || this.#pointer.holdsDown;
  }

  /** Lets go of all keys and buttons that actions left down. */
  releaseAll(): void {
    this.#keyboard.releaseAll();
    this.#pointer.releaseAll();
  }

  /** Lets go of what this caller's batches left down, unless another's acted since. */
  release(caller: AbortSignal): void {
    if (this.#lastActor === caller) this.releaseAll();
  }

  async #runAndTell(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const reply = await this.#run(batch, signal);
    // Of one whose caller has gone away that part is told which was carried out.
    await this.#parts.onBatch({ ...batch, actions: batch.actions.slice(0, reply.results.length) }, reply);
    if (signal.aborted) throw abortReason(signal);
    return reply;
  }

  async #run(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const startedAtMs = performance.now();
    using turn = this.#parts.lease.beginTurn();
    const either = AbortSignal.any([signal, turn.signal]);
    const results: ActionResult[] = [];
    let serial = await this.#parts.freshSerial();
    let isFailed = false;
    for (const action of batch.actions) {
      // A person who has taken over did so in the middle of what the batch is about: nothing of it goes on.
      if (turn.signal.aborted || (isFailed && batch.goOn !== true)) {
        isFailed = true;
        results.push({ do: action.do, ok: false, skipped: true, changed: false, frameSerial: serial, ms: 0 });
        continue;
      }
      const result = await this.#perform(action, { batch, turn, serial, signal: either, caller: signal });
      serial = result.frameSerial;
      isFailed ||= !result.ok || signal.aborted;
      results.push(result);
      if (signal.aborted) break;
    }
    if (isFailed) this.release(signal);
    const screen = this.#parts.desktop.screen();
    const lastPicture = signal.aborted ? {} : await this.#lastPicture(batch);
    return {
      results,
      ok: !isFailed,
      screen,
      frameSerial: serial,
      ms: round(performance.now() - startedAtMs),
      ...lastPicture,
    };
  }

  /** The picture at the end, where one is wanted; or why there is none, where results would be lost with it. */
  async #lastPicture(batch: Batch): Promise<Pick<BatchReply, 'screenshot' | 'screenshotError'>> {
    if (batch.screenshot === undefined) return {};
    try {
      const space = new Space(this.#parts.desktop.screen(), batch.space);
      return { screenshot: await this.#picture(batch.screenshot, space) };
    } catch (error) {
      if (batch.actions.every(({ do: name }) => isReading(name))) throw error;
      return { screenshotError: failureOf(error) };
    }
  }

  /** One action, and what it did to the screen. */
  async #perform(action: Action, setting: Setting): Promise<ActionResult> {
    const { batch, turn, serial, signal } = setting;
    const startedAtMs = performance.now();
    let outcome: ActionOutcome & { readonly error?: ActionResult['error'] };
    try {
      if (revealing.has(action.do)) this.#parts.lease.checkScreen();
      if (!isReading(action.do)) {
        if (turn.act(action.do)) await this.#pointer.untilReleased(signal);
        this.#lastActor = setting.caller;
      }
      outcome = await this.#carryOut(action, setting);
      // It may have become private while it was read.
      if (revealing.has(action.do)) this.#parts.lease.checkScreen();
      if (batch.settle !== undefined && !isReading(action.do)) {
        const settled = await this.#parts.rest.rest(serial, restOptions(batch.settle), signal);
        outcome = { ...outcome, settled };
      }
    } catch (error) {
      outcome = { error: failureOf(error) };
    }
    const frameSerial = await this.#parts.freshSerial();
    return {
      do: action.do,
      ok: outcome.error === undefined,
      changed: frameSerial !== serial,
      frameSerial,
      ms: round(performance.now() - startedAtMs),
      ...outcome,
    };
  }

  #carryOut(action: Action, { batch, serial, signal }: Setting): Promise<ActionOutcome> | ActionOutcome {
    const space = new Space(this.#parts.desktop.screen(), batch.space);
    const context: ActionContext = {
      ...this.#parts,
      keyboard: this.#keyboard,
      pointer: this.#pointer,
      space,
      serial,
      signal,
      picture: (wish) => this.#picture(wish, space),
    };
    // SAFETY: the row of an action takes that action; the compiler cannot follow a key through a union.
    const row = actionTable[action.do] as (
      context: ActionContext,
      action: Action,
    ) => Promise<ActionOutcome> | ActionOutcome;
    return row(context, action);
  }

  async #picture(wish: ScreenshotRequest, space: Space): Promise<Picture> {
    const { format = 'png', quality = 80, cursor = false, region, scale } = wish;
    // In the operator's own pixels, unless it asks for a size.
    const fit = wish.fit ?? (scale === undefined ? space.size : undefined);
    const labels = wish.labels === true ? await this.#parts.a11y.labelled({ scope: 'all' }) : undefined;
    const { bytes, widthPx, heightPx } = await this.#parts.desktop.screenshot({
      format,
      quality,
      withCursor: cursor,
      ...(region === undefined ? {} : { region: space.toScreenRect(region) }),
      ...(fit === undefined ? {} : { fit }),
      ...(scale === undefined ? {} : { scale }),
      ...(labels === undefined ? {} : { labels: labels.flatMap(labelOf) }),
    });
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    const seen = labels?.map((element) => inSpace(element, space));
    return { format, width: widthPx, height: heightPx, data, ...(seen === undefined ? {} : { labels: seen }) };
  }
}

function labelOf({ label, bounds }: LabelledElement): PictureLabel[] {
  return bounds === undefined ? [] : [{ number: label, bounds }];
}

function isReading(name: string): boolean {
  return readings.has(name);
}

function failureOf(error: unknown): NonNullable<ActionResult['error']> {
  const coded = toCodedError(error);
  if (coded.code === 'INTERNAL') console.error(`action failed: ${describe(coded.cause ?? coded)}`);
  const { code, message, hint, details } = encodeError(coded);
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(details === undefined ? {} : { details }) };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
