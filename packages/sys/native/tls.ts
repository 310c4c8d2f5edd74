import { JSCallback } from 'bun:ffi';
import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { cString } from './descriptor.ts';
import { gnutls, gnutlsMessage, mustSucceed } from './gnutls-library.ts';
import { lazyLibrary } from './library.ts';
import { allocateNative, type NativeMemory } from './memory.ts';
import { tryCertificateCredentials, type TlsIdentity } from './tls-identity.ts';

/** How a server shows who it is: not at all, which keeps listeners out but nobody who sits in between, or by its certificate. */
export type TlsKind = 'anonymous' | 'certificate';

/** A server's side of TLS. It moves bytes in memory; sockets are the business of whoever uses it. */
export interface TlsSession extends Disposable {
  /** The handshake is done: `send` may be called. */
  readonly isReady: boolean;
  /** The peer said that it will send nothing more. */
  readonly hasEnded: boolean;
  /** Takes what came from the network and gives what it says. Throws PROTOCOL_VIOLATION when it is broken, after it has told the peer so. */
  receive(bytes: Uint8Array): Uint8Array;
  send(bytes: Uint8Array): void;
  /** Says goodbye, so that the peer knows that nothing was cut off. */
  end(): void;
}

/** What all connections of one server share. */
export interface TlsAcceptor extends Disposable {
  /** `onCiphertext` is handed what is to go to the network; the array is its own. */
  accept(kind: TlsKind, onCiphertext: (bytes: Uint8Array) => void): TlsSession;
}

const GNUTLS_CRD_CERTIFICATE = 1;
const GNUTLS_CRD_ANON = 2;
const GNUTLS_SEC_PARAM_MEDIUM = 35; // 2048 bits
const GNUTLS_SERVER = 1;
const GNUTLS_NONBLOCK = 1 << 3;
const GNUTLS_NO_TICKETS = 1 << 10; // every connection has a handshake of its own
const GNUTLS_SHUT_WR = 1;
const GNUTLS_E_AGAIN = -28;
const GNUTLS_E_REHANDSHAKE = -37;
const EAGAIN = 11;
const recordBytes = 16_384; // RFC 8446 §5.1: "The length MUST NOT exceed 2^14 bytes."

// Anonymous key exchange ended with TLS 1.2.
const priorities: Readonly<Record<TlsKind, string>> = {
  anonymous: 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH',
  certificate: 'NORMAL:-VERS-TLS1.0:-VERS-TLS1.1',
};

/** Throws TOOL_MISSING without GnuTLS, INVALID_ARGUMENT when the identity is not one. */
export function openTlsAcceptor(identity: TlsIdentity): TlsAcceptor {
  const library = gnutls();
  const certificate = tryCertificateCredentials(identity);
  if (typeof certificate === 'string') {
    const message = `cannot use the certificate: ${certificate}`;
    throw new CodedError('INVALID_ARGUMENT', message, { argument: 'certificate' });
  }
  using out = allocateNative(8);
  mustSucceed(library.gnutls_anon_allocate_server_credentials(out.address), 'credentials');
  const anonymous = readAddress(out);
  mustSucceed(library.gnutls_anon_set_server_known_dh_params(anonymous, GNUTLS_SEC_PARAM_MEDIUM), 'parameters');
  return {
    accept: (kind, onCiphertext) =>
      new GnutlsSession(
        kind === 'anonymous'
          ? { kind, type: GNUTLS_CRD_ANON, address: anonymous }
          : { kind, type: GNUTLS_CRD_CERTIFICATE, address: certificate },
        onCiphertext,
      ),
    // Sessions must be gone by then.
    [Symbol.dispose]() {
      library.gnutls_certificate_free_credentials(certificate);
      library.gnutls_anon_free_server_credentials(anonymous);
    },
  };
}

interface Credentials {
  readonly kind: TlsKind;
  readonly type: number;
  readonly address: number;
}

const noBytes: Uint8Array = new Uint8Array(0);

class GnutlsSession implements TlsSession {
  readonly #onCiphertext: (bytes: Uint8Array) => void;
  readonly #session: number;
  readonly #id: number;
  readonly #scratch = allocateNative(recordBytes);
  /** What the network brought, and how much of it was taken. */
  #incoming = noBytes;
  #outgoing: Uint8Array[] = [];
  #isOpen = true;
  isReady = false;
  hasEnded = false;

  constructor(credentials: Credentials, onCiphertext: (bytes: Uint8Array) => void) {
    this.#onCiphertext = onCiphertext;
    const library = gnutls();
    using out = allocateNative(8);
    mustSucceed(library.gnutls_init(out.address, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS), 'a session');
    this.#session = readAddress(out);
    const priority = priorities[credentials.kind];
    mustSucceed(library.gnutls_priority_set_direct(this.#session, cString(priority), 0), `priorities "${priority}"`);
    mustSucceed(library.gnutls_credentials_set(this.#session, credentials.type, credentials.address), 'credentials');
    this.#id = attach({
      session: this.#session,
      push: (bytes) => this.#outgoing.push(bytes),
      pull: (size) => this.#pull(size),
    });
    library.gnutls_transport_set_ptr(this.#session, this.#id);
    library.gnutls_transport_set_push_function(this.#session, callbacks().push.ptr);
    library.gnutls_transport_set_pull_function(this.#session, callbacks().pull.ptr);
  }

  receive(bytes: Uint8Array): Uint8Array {
    if (!this.#isOpen) return noBytes;
    this.#incoming = this.#incoming.length === 0 ? bytes : concatBytes([this.#incoming, bytes]);
    try {
      if (!this.isReady) this.isReady = this.#shakeHands();
      return this.isReady ? this.#readRecords() : noBytes;
    } finally {
      // What was not taken is the caller's memory.
      this.#incoming = this.#incoming.length === 0 ? noBytes : this.#incoming.slice();
      this.#flush();
    }
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + recordBytes);
      this.#scratch.bytes.set(piece);
      const sent = Number(gnutls().gnutls_record_send(this.#session, this.#scratch.address, piece.length));
      if (sent <= 0) throw failure(sent);
      // Less than asked for where the peer wants shorter records.
      at += sent;
    }
    this.#flush();
  }

  end(): void {
    if (!this.#isOpen || !this.isReady) return;
    gnutls().gnutls_bye(this.#session, GNUTLS_SHUT_WR);
    this.#flush();
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    gnutls().gnutls_deinit(this.#session);
    detach(this.#id);
    this.#scratch.free();
  }

  #shakeHands(): boolean {
    for (;;) {
      const code = gnutls().gnutls_handshake(this.#session);
      if (code === 0) return true;
      if (code === GNUTLS_E_AGAIN) return false;
      this.#checkFatal(code);
    }
  }

  #readRecords(): Uint8Array {
    const parts: Uint8Array[] = [];
    while (!this.hasEnded) {
      const got = Number(gnutls().gnutls_record_recv(this.#session, this.#scratch.address, recordBytes));
      if (got === GNUTLS_E_AGAIN) break;
      if (got > 0) parts.push(this.#scratch.bytes.slice(0, got));
      else if (got === 0) this.hasEnded = true;
      else this.#checkFatal(got);
    }
    return concatBytes(parts);
  }

  /** A warning took bytes, and the loop goes on; anything else ends the session. No viewer has a reason to negotiate again. */
  #checkFatal(code: number): void {
    if (gnutls().gnutls_error_is_fatal(code) === 0 && code !== GNUTLS_E_REHANDSHAKE) return;
    gnutls().gnutls_alert_send_appropriate(this.#session, code);
    throw failure(code);
  }

  #pull(size: number): Uint8Array {
    const taken = this.#incoming.subarray(0, size);
    this.#incoming = this.#incoming.subarray(taken.length);
    return taken;
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const bytes = concatBytes(this.#outgoing);
    this.#outgoing = [];
    this.#onCiphertext(bytes);
  }
}

/** What GnuTLS moves the bytes of one session with. */
interface Transport {
  readonly session: number;
  readonly push: (bytes: Uint8Array) => void;
  readonly pull: (size: number) => Uint8Array;
}

// One pair of callbacks for all sessions, never closed: GnuTLS hands them the number of the session that it works for.
const transports = new Map<number, Transport>();
let nextId = 1;
let opened: { readonly push: JSCallback; readonly pull: JSCallback } | undefined;

function attach(transport: Transport): number {
  const id = nextId++;
  transports.set(id, transport);
  return id;
}

function detach(id: number): void {
  transports.delete(id);
}

function callbacks() {
  const signature = { args: ['u64', 'ptr', 'u64'], returns: 'i64' } as const;
  opened ??= { push: new JSCallback(pushToNetwork, signature), pull: new JSCallback(pullFromNetwork, signature) };
  return opened;
}

// Between GnuTLS's memory and ours bytes go by a place that both can see: to make an ArrayBuffer of GnuTLS's own for each record costs more than to encrypt it.
const libc = lazyLibrary(['libc.so.6'], { memcpy: { args: ['u64', 'u64', 'u64'], returns: 'void' } });
const bridgeBytes = 32_768; // a record with its header and its tag, and then some
let bridge: NativeMemory | undefined;

function pushToNetwork(id: number | bigint, address: number, size: number | bigint): number {
  const count = Math.min(Number(size), bridgeBytes);
  bridge ??= allocateNative(bridgeBytes);
  libc().memcpy(bridge.address, address, count);
  transports.get(Number(id))?.push(bridge.bytes.slice(0, count));
  return count;
}

function pullFromNetwork(id: number | bigint, address: number, size: number | bigint): number {
  const transport = transports.get(Number(id));
  if (transport === undefined) return 0;
  const taken = transport.pull(Math.min(Number(size), bridgeBytes));
  if (taken.length === 0) {
    gnutls().gnutls_transport_set_errno(transport.session, EAGAIN);
    return -1;
  }
  bridge ??= allocateNative(bridgeBytes);
  bridge.bytes.set(taken);
  libc().memcpy(address, bridge.address, taken.length);
  return taken.length;
}

function failure(code: number): CodedError<'PROTOCOL_VIOLATION'> {
  return new CodedError('PROTOCOL_VIOLATION', `cannot go on with TLS: ${gnutlsMessage(code)}`, { peer: 'tls' });
}

function readAddress(memory: NativeMemory): number {
  return Number(new DataView(memory.bytes.buffer).getBigUint64(0, true));
}
