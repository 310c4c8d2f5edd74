import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import type { ViewerSessionId } from '@bhatti/base/ids.ts';
import { announce } from '@bhatti/base/log.ts';
import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import type { ClientMessage } from '@bhatti/rfb/client-message.ts';
import { readClientMessage } from '@bhatti/rfb/client-reader.ts';
import { clipboardCaps, type ClipboardMessage } from '@bhatti/rfb/clipboard.ts';
import { DesktopSizeStatus, FenceFlag, type DesktopSizeReason } from '@bhatti/rfb/numbers.ts';
import { type ServerHandshake, type ServerHandshakeStep, stepServerHandshake } from '@bhatti/rfb/server-handshake.ts';
import {
  encodeBell,
  encodeEndOfContinuousUpdates,
  encodeServerClipboard,
  encodeServerCutText,
  encodeServerFence,
} from '@bhatti/rfb/server-writer.ts';
import type { WebSocketEvents, WebSocketLink } from '@bhatti/sys/http/server.ts';
import type { Clipboard, ClipboardParty } from '../clipboard/clipboard.ts';
import type { Settings } from '../config/settings.ts';
import type { Credential, Rights } from '../credentials/password-file.ts';
import type { HeldInput, Key } from '../input/held-input.ts';
import type { InputLease } from '../lease/input-lease.ts';
import type { DesktopLayout, Resizer, SizeListener } from '../resize/resizer.ts';
import type { FrameChange } from '../update/move.ts';
import { abilitiesOf, noAbilities } from './abilities.ts';
import { IdleLimit } from './idle-limit.ts';
import { encodeModeOf } from './picture-quality.ts';
import type { Stage } from './stage.ts';
import { fenceIdOf, UpdateSender, type ViewerWishes } from './update-sender.ts';

const handshakeMs = 30_000; // programs say all of it at once; the slowest network takes a few seconds
const turnMs = 3; // nobody notices, and a person's messages never take as long
const queuedRoomBytes = 16 * 1024 * 1024; // beside a text; who sends faster than we read has to go
const maxUnreadTexts = 4;
const unreadRoomBytes = 256 * 1024; // for all that is short: 10 000 fences

/** Somebody who may come in. */
export interface ViewerArrival {
  /** The user name is empty where no password is needed. */
  readonly credential: Credential;
  readonly peerAddress: string;
  /** Where RFB stands once the viewer is known, and what it is told then. */
  readonly begin: ServerHandshakeStep;
  /** Of the page that it comes from, where that names one (`wire/display/lease.ts`). */
  readonly pageToken: string | undefined;
}

/** Who is behind a session. */
export interface ViewerIdentity extends Omit<ViewerArrival, 'begin'> {
  readonly id: ViewerSessionId;
  readonly connectedAt: Date;
}

/** What a session acts upon. */
export interface ViewerSessionParts {
  readonly stage: Stage;
  readonly input: HeldInput;
  /** Whether it is this viewer's turn. */
  readonly lease: InputLease;
  readonly clipboard: Clipboard;
  readonly resizer: Resizer;
  /** As they were when the viewer connected. */
  readonly settings: Settings;
  /** Where RFB stands once the viewer is known, and what it is told then. */
  readonly begin: ServerHandshakeStep;
  /** The handshake is done. Throws when the viewer may not come in beside the others. */
  onAdmit(session: ViewerSession, shared: boolean): void;
  onGone(session: ViewerSession): void;
}

/** One viewer's connection, from the first byte of RFB to the last. Whatever it sends can end this session only. */
export class ViewerSession implements WebSocketEvents, SizeListener, ClipboardParty {
  readonly identity: ViewerIdentity;
  readonly #parts: ViewerSessionParts;
  readonly #queue = new ByteQueue();
  readonly #idle: IdleLimit;
  #rights: Rights;
  #link: WebSocketLink | undefined;
  #handshake: ServerHandshake;
  #wishes: ViewerWishes;
  #sender: UpdateSender | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isWaitingForTurn = false;
  /** Sent beside updates since the kernel last had everything. */
  #unreadBytes = 0;

  constructor(identity: ViewerIdentity, parts: ViewerSessionParts) {
    this.identity = identity;
    this.#parts = parts;
    this.#rights = identity.credential.rights;
    this.#handshake = parts.begin.state;
    this.#wishes = { abilities: noAbilities, format: parts.stage.format, mode: { kind: 'lossless' } };
    this.#idle = new IdleLimit(parts.settings.viewerIdleTimeoutMs, () => this.close(1000, 'idle for too long'));
  }

  /** Whether a new frame would be sent at once. */
  get wantsFrame(): boolean {
    return this.#sender?.wantsFrame ?? false;
  }

  onOpen(link: WebSocketLink): void {
    this.#link = link;
    // Not before: a viewer that vanishes in the upgrade never opens, and timers would keep its session.
    this.#deadline = setTimeout(() => this.close(1008, 'the handshake takes too long'), handshakeMs);
    this.#idle.start();
    link.send(this.#parts.begin.send);
    const { credential, peerAddress } = this.identity;
    announce('viewer:open', { user: credential.user, peer: peerAddress, write: this.#rights.write });
  }

  onMessage(bytes: Uint8Array): void {
    if (this.#link === undefined) return;
    this.#queue.push(bytes);
    const limitBytes = queuedRoomBytes + this.maxTakenBytes;
    if (this.#queue.length > limitBytes) return this.fail(tooMuch(limitBytes));
    if (!this.#isWaitingForTurn) this.#readOn();
  }

  /** Reads what has come, for a while; what is left then waits until everybody else had a turn. */
  #readOn(): void {
    const endsAtMs = performance.now() + turnMs;
    try {
      while (this.#link !== undefined && this.#step()) {
        if (performance.now() < endsAtMs) continue;
        this.#isWaitingForTurn = true;
        setImmediate(() => {
          this.#isWaitingForTurn = false;
          this.#readOn();
        });
        return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  onDrain(): void {
    this.#unreadBytes = 0;
    this.#sender?.pump();
  }

  onClose(code: number, reason: string): void {
    announce('viewer:close', { user: this.identity.credential.user, code, reason });
    this.#end();
  }

  /** Ends the session; the viewer is told why. */
  close(code: number, reason: string): void {
    const link = this.#link;
    this.#end();
    link?.close(code, reason.slice(0, 120));
  }

  fail(error: unknown): void {
    const { code, message, spec, cause } = toCodedError(error);
    if (code === 'INTERNAL')
      console.error(`viewer session failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : message}`);
    this.close(spec.close, message);
  }

  /** The rights of a viewer that is in. What it may not do any more, it lets go of. */
  setRights(rights: Rights): void {
    this.#rights = rights;
    if (rights.write) {
      if (this.#wishes.abilities !== noAbilities) this.#parts.clipboard.add(this);
      return;
    }
    this.#parts.input.release(this);
    this.#parts.lease.leave(this.identity.id, 'viewOnly');
    this.#parts.clipboard.remove(this);
  }

  get mayWrite(): boolean {
    return this.#rights.write;
  }

  noteChange(change: FrameChange): void {
    this.#sender?.noteChange(change);
  }

  /** Cursor or lights changed, or a frame of the right size is there. */
  pump(): void {
    this.#sender?.pump();
  }

  bell(): void {
    // To a viewer that does not keep up a late bell says nothing.
    if (this.#handshake.phase === 'done' && this.#link?.bufferedBytes() === 0) this.#say(encodeBell());
  }

  /** Everything is sent again, whether the viewer has it or not. */
  resend(): void {
    this.#sender?.resend();
  }

  // SizeListener

  onLayout(layout: DesktopLayout, reason: DesktopSizeReason): void {
    this.#sender?.noteSize({ kind: 'layout', layout, reason });
  }

  onRefused(status: DesktopSizeStatus): void {
    this.#sender?.noteSize({ kind: 'refused', layout: this.#parts.stage.layout, status });
  }

  // ClipboardParty

  get isExtended(): boolean {
    return this.#wishes.abilities.extendedClipboard;
  }

  get maxTakenBytes(): number {
    return this.#parts.settings.maxAcceptedClipboardBytes;
  }

  get maxGivenBytes(): number {
    return this.#parts.settings.maxSentClipboardBytes;
  }

  sendMessage(message: ClipboardMessage): void {
    if (this.#parts.settings.sendClipboard || message.action === 'request') {
      this.#say(encodeServerClipboard(message));
    }
  }

  sendText(text: string): void {
    if (this.#parts.settings.sendClipboard) this.#say(encodeServerCutText(text));
  }

  /** Says something that nobody waits to send until the viewer reads: updates wait, answers and texts do not. A viewer that lets them pile up is dropped, since it would not read a farewell either. */
  #say(bytes: Uint8Array): void {
    const link = this.#link;
    if (link === undefined) return;
    if (link.bufferedBytes() === 0) this.#unreadBytes = 0;
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes <= unreadRoomBytes + maxUnreadTexts * this.maxGivenBytes) return link.send(bytes);
    announce('viewer:update', { user: this.identity.credential.user, unreadBytes: this.#unreadBytes });
    this.#end();
    link.terminate();
  }

  /** Takes one message or one step of the handshake. False when more bytes are needed. */
  #step(): boolean {
    return this.#handshake.phase === 'done' ? this.#readMessage() : this.#shakeHands();
  }

  #shakeHands(): boolean {
    const { width, height } = this.#parts.stage.layout;
    const { format, name } = this.#parts.stage;
    const step = stepServerHandshake(this.#handshake, this.#queue.bytes(), { width, height, format, name });
    if (step === undefined) return false;
    this.#queue.consume(step.length);
    this.#handshake = step.state;
    if (step.state.phase === 'done') {
      // Before the viewer is told that it is in, and before the sender knows a size: the size must be the one in ServerInit.
      clearTimeout(this.#deadline);
      this.#parts.onAdmit(this, step.state.shared);
      this.#sender = new UpdateSender(this.#parts.stage, this.#updateLink(), this.#wishes);
      this.#parts.resizer.add(this);
    }
    this.#link?.send(step.send);
    return true;
  }

  #updateLink() {
    return {
      send: (bytes: Uint8Array) => this.#link?.send(bytes),
      bufferedBytes: () => this.#link?.bufferedBytes() ?? 0,
      fail: (error: unknown) => this.fail(error),
    };
  }

  #readMessage(): boolean {
    const result = readClientMessage(this.#queue.bytes(), {
      extendedMouseButtons: this.#wishes.abilities.extendedMouseButtons,
      // Compressed text may be a little longer than the text.
      maxCutTextBytes: this.#parts.settings.maxAcceptedClipboardBytes + 1024,
    });
    if (result === undefined) return false;
    this.#dispatch(result.message);
    this.#queue.consume(result.length);
    return true;
  }

  #dispatch(message: ClientMessage): void {
    switch (message.type) {
      case 'setPixelFormat':
        return this.#setWishes({ ...this.#wishes, format: message.format });
      case 'setEncodings':
        return this.#setEncodings(message.encodings);
      case 'framebufferUpdateRequest':
        return this.#sender?.request(message.incremental, message.rect);
      case 'enableContinuousUpdates':
        return this.#setContinuous(message);
      case 'clientFence':
        return this.#answerFence(message.flags, message.payload);
      case 'keyEvent':
        return this.#key({ keysym: message.keysym, keycode: 0 }, message.down);
      case 'qemuExtendedKeyEvent':
        return this.#key(message, message.down);
      case 'pointerEvent':
        return this.#pointer(message);
      case 'setDesktopSize':
        return this.#resize(message);
      case 'clientCutText':
        if (this.#mayCopy()) this.#parts.clipboard.takeText(this, message.text);
        return;
      case 'extendedClipboard':
        return this.#takeClipboard(message.clipboard);
      case 'oversizedCutText':
        announce('viewer:update', { user: this.identity.credential.user, refusedClipboardBytes: message.bytes });
        return;
    }
  }

  #setEncodings(encodings: readonly number[]): void {
    const before = this.#wishes.abilities;
    const abilities = abilitiesOf(encodings);
    this.#setWishes({ ...this.#wishes, abilities });
    // The document of each extension has the server speak first, so that the client knows it is there.
    if (abilities.fence && !before.fence) {
      this.#say(encodeServerFence(FenceFlag.request, new Uint8Array(0)));
    }
    if (abilities.continuousUpdates && !before.continuousUpdates) this.#say(encodeEndOfContinuousUpdates());
    if (abilities.extendedDesktopSize && !before.extendedDesktopSize) this.onLayout(this.#parts.stage.layout, 0);
    if (!this.#rights.write) return;
    if (abilities.extendedClipboard && !before.extendedClipboard) {
      this.#say(encodeServerClipboard(clipboardCaps(this.maxTakenBytes)));
    }
    this.#parts.clipboard.add(this);
  }

  #setWishes({ abilities, format }: Pick<ViewerWishes, 'abilities' | 'format'>): void {
    this.#wishes = { abilities, format, mode: encodeModeOf(abilities, format, this.#parts.settings) };
    this.#sender?.setWishes(this.#wishes);
  }

  #setContinuous({ enable, rect }: Extract<ClientMessage, { type: 'enableContinuousUpdates' }>): void {
    this.#sender?.setContinuous(enable ? rect : undefined);
    if (!enable) this.#say(encodeEndOfContinuousUpdates());
  }

  #answerFence(flags: number, payload: Uint8Array): void {
    if ((flags & FenceFlag.request) !== 0) {
      // Messages are handled one after the other, so both kinds of blocking hold by themselves.
      const kept = flags & (FenceFlag.blockBefore | FenceFlag.blockAfter);
      this.#say(encodeServerFence(kept, payload));
      return;
    }
    const id = fenceIdOf(payload);
    if (id !== undefined) this.#sender?.noteFence(id);
  }

  #key({ keysym, keycode }: Key, down: boolean): void {
    if (!this.#rights.write || !this.#parts.settings.acceptKeys) return;
    this.#idle.touch();
    if (!this.#hasTurn()) return;
    this.#parts.lease.touch(this.identity.id);
    this.#parts.input.key(this, { keysym, keycode }, down);
  }

  #pointer({ x, y, buttonMask }: Extract<ClientMessage, { type: 'pointerEvent' }>): void {
    if (!this.#rights.write || !this.#parts.settings.acceptPointer) return;
    this.#idle.touch();
    if (!this.#hasTurn()) return this.#parts.input.ignorePointer(this, { x, y, buttonMask });
    this.#parts.lease.touch(this.identity.id);
    this.#parts.input.pointer(this, { x, y, buttonMask });
  }

  /** Whether what this viewer does counts: somebody else may have the input. */
  #hasTurn(): boolean {
    return this.#parts.lease.mayAct(this.identity.id);
  }

  #resize({ width, height, screens }: Extract<ClientMessage, { type: 'setDesktopSize' }>): void {
    // Under somebody else's hands the screen stays as it is: what they point at would move.
    if (!this.#rights.write || !this.#parts.settings.mayResize || !this.#hasTurn()) {
      return this.onRefused(DesktopSizeStatus.prohibited);
    }
    this.#parts.resizer.request(this, { width, height, screens });
  }

  #takeClipboard(message: ClipboardMessage): void {
    if (!this.#rights.write) return;
    const isText = message.action === 'notify' || message.action === 'provide';
    if (isText && !this.#mayCopy()) return;
    this.#parts.clipboard.takeMessage(this, message);
  }

  #mayCopy(): boolean {
    return this.#rights.write && this.#parts.settings.acceptClipboard && this.#hasTurn();
  }

  /** Lets go of everything; the session hears and says nothing more. */
  #end(): void {
    if (this.#link === undefined) return;
    this.#link = undefined;
    this.#idle.stop();
    clearTimeout(this.#deadline);
    this.#sender?.stop();
    this.#parts.lease.leave(this.identity.id, 'disconnected');
    this.#parts.input.release(this);
    this.#parts.clipboard.remove(this);
    this.#parts.resizer.remove(this);
    this.#parts.onGone(this);
  }
}

function tooMuch(limitBytes: number): CodedError<'MESSAGE_TOO_LARGE'> {
  const message = 'cannot go on with this viewer: it sends more than can be read';
  return new CodedError('MESSAGE_TOO_LARGE', message, { limitBytes });
}
