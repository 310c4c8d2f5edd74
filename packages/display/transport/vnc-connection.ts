import { CodedError, describe, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import { VeNCryptSubType } from '@bhatti/rfb/numbers.ts';
import {
  encodeSecurityFailure,
  encodeSecurityOk,
  type PlainLogin,
  readPlainLogin,
  startVeNCryptHandshake,
  stepVeNCryptHandshake,
  type VeNCryptHandshake,
} from '@bhatti/rfb/vencrypt-handshake.ts';
import type { MinorVersion } from '@bhatti/rfb/version.ts';
import { violation } from '@bhatti/rfb/violation.ts';
import type { WebSocketEvents, WebSocketLink } from '@bhatti/sys/http/server.ts';
import type { TlsAcceptor, TlsSession } from '@bhatti/sys/native/tls.ts';
import type { Socket } from 'node:net';
import type { VncLimits, VncPortParts } from './vnc-port.ts';

export interface VncConnectionParts extends Pick<VncPortParts, 'login' | 'admitViewer'> {
  readonly limits: VncLimits;
  readonly tls: TlsAcceptor;
  /** The viewer has logged in, and said something since. */
  onKnown(): void;
  onGone(): void;
}

type Stage =
  | { readonly phase: 'plain'; readonly handshake: VeNCryptHandshake }
  | { readonly phase: 'login'; readonly tls: TlsSession; readonly minor: MinorVersion }
  /** The password is being looked at: an answer may take a second, and the viewer has nothing to say until then. */
  | { readonly phase: 'checking'; readonly tls: TlsSession }
  | { readonly phase: 'viewing'; readonly tls: TlsSession; readonly events: WebSocketEvents }
  /** The last words are on their way. */
  | { readonly phase: 'ending'; readonly tls: TlsSession | undefined; readonly events: WebSocketEvents | undefined }
  | { readonly phase: 'gone' };

const stalledMs = 120_000; // as for viewers by WebSocket, whose pings find out as fast
const lingerMs = 2_000; // for the last words to leave
const brakeBytes = 1024 * 1024; // unsent; above, a viewer that asks without reading the answers is not read either
const maxUnsentBytes = 64 * 1024 * 1024; // the wall behind that, above any update

/** One VNC program's connection: VeNCrypt, TLS and login, and from then on the transport of its viewer session. Whatever it sends can end this connection only. */
export class VncConnection {
  readonly #socket: Socket;
  readonly #parts: VncConnectionParts;
  readonly #peerAddress: string;
  readonly #queue = new ByteQueue();
  #stage: Stage;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, parts: VncConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#peerAddress = socket.remoteAddress ?? '';
    const { state, send } = startVeNCryptHandshake();
    this.#stage = { phase: 'plain', handshake: state };
    socket.on('data', (chunk: Buffer) => this.#guarded(() => this.#take(chunk)));
    socket.on('drain', () => this.#drain());
    socket.on('end', () => this.abort());
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.abort());
    socket.setTimeout(stalledMs, () => {
      if (socket.writableLength > 0) this.abort();
    });
    this.#allow(parts.limits.negotiationMs);
    socket.write(send);
  }

  /** Drops the connection without a word. */
  abort(): void {
    const stage = this.#stage;
    if (stage.phase === 'gone') return;
    this.#stage = { phase: 'gone' };
    clearTimeout(this.#deadline);
    if ('tls' in stage) stage.tls?.[Symbol.dispose]();
    this.#socket.destroy();
    if ('events' in stage) stage.events?.onClose(1006, '');
    this.#parts.onGone();
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      const { code, message } = toCodedError(error);
      if (code === 'INTERNAL')
        console.error(`VNC connection failed: ${error instanceof Error ? error.stack : message}`);
      announce('viewer:refuse', { peer: this.#peerAddress, why: message });
      this.abort();
    }
  }

  #allow(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      announce('viewer:refuse', { peer: this.#peerAddress, why: 'it took too long' });
      this.abort();
    }, ms);
  }

  #take(chunk: Uint8Array): void {
    if (this.#stage.phase === 'plain') return this.#negotiate(this.#stage.handshake, chunk);
    if (this.#stage.phase === 'gone' || this.#stage.phase === 'ending') return;
    const { tls } = this.#stage;
    const wasReady = tls.isReady;
    const bytes = tls.receive(chunk);
    if (!wasReady && tls.isReady) this.#allow(this.#parts.limits.loginMs);
    if (bytes.length > 0) this.#takePlaintext(bytes);
    if (tls.hasEnded) this.abort();
  }

  #negotiate(before: VeNCryptHandshake, chunk: Uint8Array): void {
    this.#queue.push(chunk);
    let handshake = before;
    for (;;) {
      const step = stepVeNCryptHandshake(handshake, this.#queue.bytes());
      if (step === undefined) break;
      handshake = step.state;
      this.#queue.consume(step.length);
      this.#socket.write(step.send);
    }
    this.#stage = { phase: 'plain', handshake };
    if (handshake.phase === 'refused') return this.#finish(handshake.why);
    if (handshake.phase !== 'tls') return;
    const kind = handshake.subType === VeNCryptSubType.x509Plain ? 'certificate' : 'anonymous';
    const tls = this.#parts.tls.accept(kind, (bytes) => this.#write(bytes));
    this.#stage = { phase: 'login', tls, minor: handshake.minor };
    const early = this.#queue.bytes().slice();
    this.#queue.consume(early.length);
    if (early.length > 0) this.#take(early);
  }

  #takePlaintext(bytes: Uint8Array): void {
    const stage = this.#stage;
    if (stage.phase === 'viewing') {
      this.#becomeKnown();
      stage.events.onMessage(bytes);
      this.#brake();
      return;
    }
    if (stage.phase !== 'login') throw violation('handshake: bytes before the login was answered');
    this.#queue.push(bytes);
    const login = readPlainLogin(this.#queue.bytes());
    if (login === undefined) return;
    this.#queue.consume(this.#queue.length);
    this.#stage = { phase: 'checking', tls: stage.tls };
    this.#socket.pause();
    void this.#logIn(login, stage);
  }

  async #logIn({ user, password }: PlainLogin, { tls, minor }: Extract<Stage, { phase: 'login' }>): Promise<void> {
    try {
      const credential = await this.#parts.login.checkLogin(user, password, this.#peerAddress);
      if (!credential.rights.read) {
        const reason = 'this user may not see the desktop';
        throw new CodedError('FORBIDDEN', `cannot show this desktop: ${reason}`, { reason });
      }
      const events = await this.#parts.admitViewer({
        credential,
        peerAddress: this.#peerAddress,
        begin: { state: { phase: 'clientInit', minor }, send: encodeSecurityOk(), length: 0 },
        pageToken: undefined,
      });
      const isGone = this.#stage.phase === 'gone';
      if (!isGone) this.#stage = { phase: 'viewing', tls, events };
      // A session that is not to be must be told its end like any other.
      events.onOpen(this.#link(tls));
      if (isGone) events.onClose(1006, '');
      else this.#socket.resume();
    } catch (error) {
      if (this.#stage.phase === 'gone') return;
      this.#guarded(() => {
        const { code, message } = toCodedError(error);
        if (code === 'INTERNAL') throw error;
        tls.send(encodeSecurityFailure(minor, message));
        this.#finish(message);
      });
    }
  }

  #link(tls: TlsSession): WebSocketLink {
    return {
      send: (bytes) => {
        if (this.#stage.phase === 'viewing') this.#guarded(() => tls.send(bytes));
      },
      bufferedBytes: () => this.#socket.writableLength,
      // RFB has no way to say why.
      close: (_code, reason) => this.#finish(reason),
      terminate: () => this.abort(),
    };
  }

  /** It says something after its login: so the answer has reached it, and it takes no stranger's place any more. */
  #becomeKnown(): void {
    if (this.#deadline === undefined) return;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#parts.onKnown();
  }

  /** Ends the connection once what was said has left. */
  #finish(why: string): void {
    const stage = this.#stage;
    if (stage.phase === 'gone' || stage.phase === 'ending') return;
    announce('viewer:refuse', { peer: this.#peerAddress, why: describe(why) });
    const tls = 'tls' in stage ? stage.tls : undefined;
    this.#stage = { phase: 'ending', tls, events: 'events' in stage ? stage.events : undefined };
    tls?.end();
    this.#socket.end();
    // Until the other side closes as well: to leave at once would take back what it has not read.
    this.#socket.resume();
    this.#allow(lingerMs);
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writableLength > maxUnsentBytes) return this.abort();
    this.#socket.write(bytes);
  }

  #brake(): void {
    if (this.#stage.phase === 'viewing' && this.#socket.writableLength > brakeBytes) this.#socket.pause();
  }

  #drain(): void {
    if (this.#stage.phase !== 'viewing') return;
    this.#socket.resume();
    this.#stage.events.onDrain();
  }
}
