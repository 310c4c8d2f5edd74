import { type ClipboardMessage, provideText, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import { ClipboardFlag } from '@bhatti/rfb/numbers.ts';
import { deflateClipboard, inflateClipboard } from './zlib-stream.ts';

/** Someone who has a clipboard: a viewer, or the X server. */
export interface ClipboardParty {
  /** Speaks the extended clipboard; otherwise it is given whole texts as soon as they exist. */
  readonly isExtended: boolean;
  /** The longest text that is taken from it, and that is given to it, as UTF-8. */
  readonly maxTakenBytes: number;
  readonly maxGivenBytes: number;
  sendMessage(message: ClipboardMessage): void;
  sendText(text: string): void;
}

/**
 * The one clipboard that the desktop and all viewers share: whoever copied last owns its text. Text is fetched from its owner when somebody wants it, once, and then kept; so a screenful of copied log
 * costs nothing until it is pasted.
 */
export class Clipboard {
  readonly #parties = new Set<ClipboardParty>();
  #owner: ClipboardParty | undefined;
  #text: string | undefined;
  /** Who asked for a text that its owner has not handed over yet. */
  readonly #waiting = new Set<ClipboardParty>();

  /** A party that came late hears what there is. */
  add(party: ClipboardParty): void {
    this.#parties.add(party);
    if (this.#owner !== undefined) this.#announceTo(party);
  }

  /** The text of a party that goes stays, if it was fetched. */
  remove(party: ClipboardParty): void {
    this.#parties.delete(party);
    this.#waiting.delete(party);
    if (this.#owner === party && this.#text === undefined) this.#owner = undefined;
  }

  /** A party pushed a text, as clients without the extension do. */
  takeText(from: ClipboardParty, text: string): void {
    if (Buffer.byteLength(text) > from.maxTakenBytes) return;
    if (text === this.#text && this.#owner === from) return;
    this.#owner = from;
    this.#text = text;
    this.#announce();
  }

  /** A party said something. Throws PROTOCOL_VIOLATION when what it provides cannot be read. */
  takeMessage(from: ClipboardParty, message: ClipboardMessage): void {
    switch (message.action) {
      case 'notify':
        return this.#takeNotice(from, message.formats);
      case 'provide':
        return this.#takeProvided(from, message);
      case 'request':
        return this.#answerRequest(from, message.formats);
      case 'peek':
        return this.#announceTo(from);
      case 'caps':
        // Everything is announced and fetched on request, which needs no sizes.
        return;
    }
  }

  #takeNotice(from: ClipboardParty, formats: number): void {
    if ((formats & ClipboardFlag.text) === 0) {
      if (this.#owner === from) this.#forget();
      return;
    }
    this.#owner = from;
    this.#text = undefined;
    this.#waiting.clear();
    this.#announce();
  }

  #takeProvided(from: ClipboardParty, message: Extract<ClipboardMessage, { action: 'provide' }>): void {
    const text = readProvidedText(message, {
      inflate: inflateClipboard,
      maxTextBytes: from.maxTakenBytes,
    });
    if (text === undefined) return;
    if (this.#owner !== from || this.#waiting.size === 0) return this.takeText(from, text);
    this.#text = text;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const party of waiting) this.#give(party, text);
  }

  #answerRequest(from: ClipboardParty, formats: number): void {
    if ((formats & ClipboardFlag.text) === 0 || this.#owner === undefined) return;
    if (this.#text !== undefined) return this.#give(from, this.#text);
    if (this.#owner === from) return;
    this.#fetchFor(from);
  }

  #announce(): void {
    for (const party of this.#parties) if (party !== this.#owner) this.#announceTo(party);
  }

  #announceTo(party: ClipboardParty): void {
    if (party.isExtended) {
      party.sendMessage({ action: 'notify', formats: this.#owner === undefined ? 0 : ClipboardFlag.text });
    } else if (this.#text !== undefined) {
      this.#give(party, this.#text);
    } else if (this.#owner !== undefined) {
      this.#fetchFor(party);
    }
  }

  #fetchFor(party: ClipboardParty): void {
    this.#waiting.add(party);
    // Asked again for each party: an owner that did not answer the first time may do so now.
    this.#owner?.sendMessage({ action: 'request', formats: ClipboardFlag.text });
  }

  #give(party: ClipboardParty, text: string): void {
    // Too long is as good as nothing: half a text would be worse.
    if (Buffer.byteLength(text) > party.maxGivenBytes) return;
    if (party.isExtended) party.sendMessage(provideText(text, deflateClipboard));
    else party.sendText(text);
  }

  #forget(): void {
    this.#owner = undefined;
    this.#text = undefined;
    this.#waiting.clear();
    for (const party of this.#parties) if (party.isExtended) this.#announceTo(party);
  }
}
