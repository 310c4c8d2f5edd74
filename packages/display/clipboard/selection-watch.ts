import { abortReason } from '@bhatti/base/operation.ts';
import type { XConnection } from '../source/x-connection.ts';

const ownerChanged = 1; // XFIXES: SetSelectionOwnerNotifyMask

/** Tells when X's CLIPBOARD gets another owner, so that who sets it knows that a paste would find it. */
export class SelectionWatch {
  readonly #waiting = new Set<() => void>();

  static async open(x: XConnection): Promise<SelectionWatch> {
    const clipboard = await x.reply<number>((done) => x.client.InternAtom(false, 'CLIPBOARD', done));
    x.fixes.SelectSelectionInput(x.screen.root, clipboard, ownerChanged);
    const watch = new SelectionWatch();
    x.onEvent((event) => {
      // The core protocol has an event of the same name, which answers a request.
      if (event.name === 'SelectionNotify' && event.requestor === undefined && event.selection === clipboard)
        watch.#noteChange();
    });
    return watch;
  }

  /** Calls `set`, which makes the X server take the clipboard, and resolves when it has; or after `waitMs`, when it had it already. */
  async whenTaken(set: () => void, waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#waiting.add(resolve);
    set();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  #noteChange(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
