import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import type { XConnection } from '../source/x-connection.ts';

const answerWaitMs = 5_000; // a program that owns the clipboard and does not answer hangs; a busy one may take a second
const maxTextBytes = 4 * 1024 * 1024;
const wordsAtATime = 65_536;
const propertyChanges = 1 << 22; // PropertyChangeMask
const inputOnly = 2;
const newValue = 0;
const anyType = 0;

interface ReaderAtoms {
  readonly clipboard: number;
  readonly utf8: number;
  readonly incr: number;
  /** Where the text is put. */
  readonly property: number;
}

/** Reads X's CLIPBOARD as text, as any program would (ICCCM, chapter 2), long texts piece by piece. */
export class SelectionReader {
  readonly #x: XConnection;
  readonly #atoms: ReaderAtoms;
  readonly #window: number;
  #last: Promise<unknown> = Promise.resolve();

  static async open(x: XConnection): Promise<SelectionReader> {
    const intern = (name: string) => x.reply<number>((done) => x.client.InternAtom(false, name, done));
    const [clipboard, utf8, incr, property] = await Promise.all([
      intern('CLIPBOARD'),
      intern('UTF8_STRING'),
      intern('INCR'),
      intern('BHATTI_CLIPBOARD'),
    ]);
    return new SelectionReader(x, { clipboard, utf8, incr, property });
  }

  private constructor(x: XConnection, atoms: ReaderAtoms) {
    this.#x = x;
    this.#atoms = atoms;
    this.#window = x.client.AllocID();
    x.client.CreateWindow(this.#window, x.screen.root, -1, -1, 1, 1, 0, 0, inputOnly, 0, {
      eventMask: propertyChanges,
    });
  }

  /** Empty when nobody has copied a text. Throws TIMED_OUT when its owner does not hand it over, MESSAGE_TOO_LARGE. */
  read(signal: AbortSignal): Promise<string> {
    const turn = this.#last.then(() => this.#read(signal));
    this.#last = turn.catch(() => {}); // expected: whoever asked hears of it
    return turn;
  }

  async #read(signal: AbortSignal): Promise<string> {
    const { clipboard, utf8, incr, property } = this.#atoms;
    const endsAtMs = performance.now() + answerWaitMs;
    const notified = this.#event(
      ({ name, requestor, property: where }) =>
        name === 'SelectionNotify' && requestor === this.#window && where !== undefined,
      endsAtMs,
      signal,
    );
    this.#x.client.ConvertSelection(this.#window, clipboard, utf8, property, 0);
    if ((await notified).property === 0) return '';
    const first = await this.#take();
    if (first.type !== incr) return first.data.toString('utf8');
    return this.#readPieces(endsAtMs, signal);
  }

  async #readPieces(endsAtMs: number, signal: AbortSignal): Promise<string> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      // The owner may have put the next piece there already; what is there is taken, and what is not is waited for.
      const changed = this.#event(
        ({ name, wid, atom, state }) =>
          name === 'PropertyNotify' && wid === this.#window && atom === this.#atoms.property && state === newValue,
        endsAtMs,
        signal,
      );
      await changed;
      const { data } = await this.#take();
      if (data.length === 0) return Buffer.concat(pieces).toString('utf8');
      bytes += data.length;
      if (bytes > maxTextBytes) {
        throw new CodedError('MESSAGE_TOO_LARGE', 'cannot read the clipboard: its text is too long', {
          limitBytes: maxTextBytes,
        });
      }
      pieces.push(data);
    }
  }

  /** All of the property, which is deleted when the last of it is read: that asks for the next piece. */
  async #take(): Promise<{ type: number; data: Buffer }> {
    const parts: Buffer[] = [];
    for (let offset = 0; ;) {
      const at = offset;
      const { type, bytesAfter, data } = await this.#x.reply<{ type: number; bytesAfter: number; data: Buffer }>(
        (done) => this.#x.client.GetProperty(1, this.#window, this.#atoms.property, anyType, at, wordsAtATime, done),
      );
      parts.push(data);
      offset += Math.floor(data.length / 4);
      if (bytesAfter === 0 || data.length === 0 || offset * 4 > maxTextBytes)
        return { type, data: Buffer.concat(parts) };
    }
  }

  #event(fits: (event: SelectionEvent) => boolean, endsAtMs: number, signal: AbortSignal): Promise<SelectionEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<SelectionEvent>();
    const timer = setTimeout(() => reject(noAnswer()), Math.max(0, endsAtMs - performance.now()));
    const abort = () => reject(abortReason(signal));
    signal.addEventListener('abort', abort, { once: true });
    const stop = this.#x.onEvent((event) => {
      if (fits(event)) resolve(event);
    });
    return promise.finally(() => {
      stop();
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    });
  }
}

type SelectionEvent = Parameters<Parameters<XConnection['onEvent']>[0]>[0];

function noAnswer(): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', 'cannot read the clipboard: the program that copied does not answer', {
    afterMs: answerWaitMs,
  });
}
