import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import { type ClipboardMessage, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import { ClipboardFlag } from '@bhatti/rfb/numbers.ts';
import type { Clipboard, ClipboardParty } from '../clipboard/clipboard.ts';
import { inflateClipboard } from '../clipboard/zlib-stream.ts';

const maxTextBytes = 4 * 1024 * 1024;
const answerWaitMs = 5_000; // a program that owns the clipboard and does not answer hangs; a busy one may take a second
const takenWaitMs = 1_000;

/** The operator's side of the clipboard that the desktop and all viewers share. */
export class ActionClipboard implements ClipboardParty {
  readonly isExtended = true;
  readonly maxTakenBytes = maxTextBytes;
  readonly maxGivenBytes = maxTextBytes;
  readonly #clipboard: Clipboard;
  /** Resolves when the X server has the selection that was set last, so that a paste finds it. */
  readonly #whenTaken: (set: () => void, waitMs: number, signal: AbortSignal) => Promise<void>;
  readonly #waiting = new Set<(text: string) => void>();
  #isThere = false;

  constructor(
    clipboard: Clipboard,
    whenTaken: (set: () => void, waitMs: number, signal: AbortSignal) => Promise<void>,
  ) {
    this.#clipboard = clipboard;
    this.#whenTaken = whenTaken;
    clipboard.add(this);
  }

  /** The text that was copied last; empty when there is none. Throws TIMED_OUT when its owner does not hand it over. */
  async get(signal: AbortSignal): Promise<string> {
    if (!this.#isThere) return '';
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(() => reject(noAnswer()), answerWaitMs);
    const abort = () => reject(abortReason(signal));
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.add(resolve);
    try {
      this.#request();
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(resolve);
    }
  }

  #request(): void {
    this.#clipboard.takeMessage(this, { action: 'request', formats: ClipboardFlag.text });
  }

  async set(text: string, signal: AbortSignal): Promise<void> {
    this.#isThere = true;
    await this.#whenTaken(() => this.#clipboard.takeText(this, text), takenWaitMs, signal);
  }

  sendMessage(message: ClipboardMessage): void {
    if (message.action === 'notify') {
      this.#isThere = (message.formats & ClipboardFlag.text) !== 0;
      // What was asked for before is not answered any more.
      if (this.#isThere && this.#waiting.size > 0) this.#request();
    }
    if (message.action !== 'provide') return;
    const text = readProvidedText(message, { inflate: inflateClipboard, maxTextBytes });
    for (const resolve of this.#waiting) resolve(text ?? '');
  }

  sendText(text: string): void {
    for (const resolve of this.#waiting) resolve(text);
  }
}

function noAnswer(): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', 'cannot read the clipboard: the program that copied does not answer', {
    afterMs: answerWaitMs,
  });
}
