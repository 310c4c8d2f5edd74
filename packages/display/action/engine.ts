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
  /** Captures what was drawn, and says which frame that is. */
  readonly freshSerial: () => Promise<number>;
  /** A batch was carried out; the next one waits for this. */
  readonly onBatch: (batch: Batch, reply: BatchReply) => Promise<void>;
  readonly resize: (size: { readonly width: number; readonly height: number }) => Promise<void>;
}

/** Actions that leave the screen as it is: nothing has to settle after them. */
const readings: ReadonlySet<Action['do']> = new Set([
  ...(['screenshot', 'zoom', 'wait', 'settle', 'waitChange', 'waitWindow', 'cursor', 'size', 'windows'] as const),
  ...(['copied', 'tree', 'find'] as const),
]);

/** Carries out batches of actions on the desktop, one batch at a time, in the order in which they come. */
export class ActionEngine {
  readonly #parts: ActionEngineParts;
  readonly #keyboard: Keyboard;
  readonly #pointer: Pointer;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ActionEngineParts) {
    this.#parts = parts;
    this.#keyboard = new Keyboard(parts.x);
    this.#pointer = new Pointer(parts.x);
  }

  /** What failed is in the reply; rejects only when `signal` ends it, and then nothing of it is held down any more. */
  act(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const turn = this.#last.then(() => {
      if (signal.aborted) throw abortReason(signal);
      return this.#runAndTell(batch, signal);
    });
    this.#last = turn.catch(() => {}); // expected: whoever asked hears of it
    return turn;
  }

  /** Lets go of all keys and buttons that actions left down. */
  releaseAll(): void {
    this.#keyboard.releaseAll();
    this.#pointer.releaseAll();
  }

  async #runAndTell(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const reply = await this.#run(batch, signal);
    await this.#parts.onBatch(batch, reply);
    return reply;
  }

  async #run(batch: Batch, signal: AbortSignal): Promise<BatchReply> {
    const startedAtMs = performance.now();
    const results: ActionResult[] = [];
    let serial = await this.#parts.freshSerial();
    let isFailed = false;
    for (const action of batch.actions) {
      if (isFailed && batch.goOn !== true) {
        results.push({ do: action.do, ok: false, skipped: true, changed: false, frameSerial: serial, ms: 0 });
        continue;
      }
      const result = await this.#perform(action, { batch, serial, signal });
      if (signal.aborted) {
        this.releaseAll();
        throw abortReason(signal);
      }
      serial = result.frameSerial;
      isFailed ||= !result.ok;
      results.push(result);
    }
    if (isFailed) this.releaseAll();
    const screen = this.#parts.desktop.screen();
    const screenshot =
      batch.screenshot === undefined
        ? {}
        : { screenshot: await this.#picture(batch.screenshot, new Space(screen, batch.space)) };
    return {
      results,
      ok: !isFailed,
      screen,
      frameSerial: serial,
      ms: round(performance.now() - startedAtMs),
      ...screenshot,
    };
  }

  /** One action, and what it did to the screen: `serial` is the frame before it. */
  async #perform(
    action: Action,
    { batch, serial, signal }: { readonly batch: Batch; readonly serial: number; readonly signal: AbortSignal },
  ): Promise<ActionResult> {
    const startedAtMs = performance.now();
    let outcome: ActionOutcome & { readonly error?: ActionResult['error'] };
    try {
      outcome = await this.#carryOut(action, { batch, serial, signal });
      if (batch.settle !== undefined && !readings.has(action.do)) {
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

  #carryOut(
    action: Action,
    { batch, serial, signal }: { readonly batch: Batch; readonly serial: number; readonly signal: AbortSignal },
  ): Promise<ActionOutcome> | ActionOutcome {
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

function failureOf(error: unknown): NonNullable<ActionResult['error']> {
  const coded = toCodedError(error);
  if (coded.code === 'INTERNAL') console.error(`action failed: ${describe(coded.cause ?? coded)}`);
  const { code, message, hint, details } = encodeError(coded);
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(details === undefined ? {} : { details }) };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
