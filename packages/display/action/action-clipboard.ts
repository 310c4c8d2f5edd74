import { CodedError } from '@bhatti/base/errors.ts';
import type { Clipboard, ClipboardParty } from '../clipboard/clipboard.ts';
import type { SelectionReader } from '../clipboard/selection-reader.ts';
import type { SelectionWatch } from '../clipboard/selection-watch.ts';

const takenWaitMs = 1_000;

/** The operator's side of the clipboard: it gives a text as a viewer does, and reads X's CLIPBOARD itself, since what the X server's RFB tells of may be what was only selected. */
export class ActionClipboard implements ClipboardParty {
  readonly isExtended = true;
  /** The longest text that the desktop takes. */
  readonly maxTakenBytes: number;
  readonly maxGivenBytes = 0;
  readonly #clipboard: Clipboard;
  readonly #watch: SelectionWatch;
  readonly #reader: SelectionReader;

  constructor(
    clipboard: Clipboard,
    { watch, reader, maxTextBytes }: { watch: SelectionWatch; reader: SelectionReader; maxTextBytes: number },
  ) {
    this.maxTakenBytes = maxTextBytes;
    this.#clipboard = clipboard;
    this.#watch = watch;
    this.#reader = reader;
    clipboard.add(this);
  }

  /** The text that was copied last; empty when there is none. Throws TIMED_OUT when its owner does not hand it over. */
  get(signal: AbortSignal): Promise<string> {
    return this.#reader.read(signal);
  }

  /** Resolves when a paste would find it. Throws MESSAGE_TOO_LARGE. */
  async set(text: string, signal: AbortSignal): Promise<void> {
    if (Buffer.byteLength(text) > this.maxTakenBytes) {
      const message = 'cannot copy: the text is longer than the clipboard of the desktop takes';
      throw new CodedError('MESSAGE_TOO_LARGE', message, { limitBytes: this.maxTakenBytes });
    }
    await this.#watch.whenTaken(() => this.#clipboard.takeText(this, text), takenWaitMs, signal);
  }

  // It is told of texts and has no use for that: who wants its own is answered by the clipboard.
  sendMessage(): void {}
  sendText(): void {}
}
