import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { SecurityType } from './numbers.ts';
import { readServerInit, type ServerInit } from './server-init.ts';
import { decodeVersion, encodeVersion, type MinorVersion, versionBytes } from './version.ts';
import { violation } from './violation.ts';

/** Where a client stands in the handshake (RFC 6143 §7.1 to §7.3). It speaks security type None only: its server is on a private socket. */
export type ClientHandshake =
  | { readonly phase: 'version' }
  | { readonly phase: 'security'; readonly minor: MinorVersion }
  | { readonly phase: 'securityResult' }
  | { readonly phase: 'serverInit' }
  | { readonly phase: 'done'; readonly init: ServerInit };

export interface ClientHandshakeStep {
  readonly state: ClientHandshake;
  readonly send: Uint8Array;
  readonly length: number;
}

const nothing = new Uint8Array(0);
const clientInitShared = Uint8Array.of(1); // other clients of the server stay connected
const maxReasonBytes = 64 * 1024;

export function startClientHandshake(): ClientHandshake {
  return { phase: 'version' };
}

/** Takes the server's next bytes. Undefined: more are needed, or the handshake is done. Throws FORBIDDEN with the server's reason when it refuses. */
export function stepClientHandshake(state: ClientHandshake, bytes: Uint8Array): ClientHandshakeStep | undefined {
  switch (state.phase) {
    case 'version': {
      if (bytes.length < versionBytes) return undefined;
      const minor = decodeVersion(bytes);
      return { state: { phase: 'security', minor }, send: encodeVersion(minor), length: versionBytes };
    }
    case 'security':
      return state.minor === 3 ? takeSecurityType(bytes) : chooseSecurityType(bytes, state.minor);
    case 'securityResult':
      return takeSecurityResult(bytes);
    case 'serverInit': {
      const read = readServerInit(bytes);
      return read && { state: { phase: 'done', init: read.init }, send: nothing, length: read.length };
    }
    case 'done':
      return undefined;
  }
}

function takeSecurityType(bytes: Uint8Array): ClientHandshakeStep | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(4)) return undefined;
  const type = reader.u32();
  if (type === SecurityType.invalid) return refuse(reader);
  if (type !== SecurityType.none) throw violation(`handshake: security type ${type} instead of None`);
  return { state: { phase: 'serverInit' }, send: clientInitShared, length: 4 };
}

function chooseSecurityType(bytes: Uint8Array, minor: MinorVersion): ClientHandshakeStep | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(1)) return undefined;
  const count = reader.u8();
  if (count === 0) return refuse(reader);
  if (!reader.has(count)) return undefined;
  const offered = reader.take(count);
  if (!offered.includes(SecurityType.none)) {
    throw violation(`handshake: security types ${offered.join(', ')} without None`);
  }
  // RFC 6143 appendix A.2: version 3.7 has no SecurityResult for "None", so ClientInit follows at once.
  return minor === 8
    ? { state: { phase: 'securityResult' }, send: Uint8Array.of(SecurityType.none), length: reader.offset }
    : { state: { phase: 'serverInit' }, send: Uint8Array.of(SecurityType.none, 1), length: reader.offset };
}

function takeSecurityResult(bytes: Uint8Array): ClientHandshakeStep | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(4)) return undefined;
  if (reader.u32() !== 0) return refuse(reader);
  return { state: { phase: 'serverInit' }, send: clientInitShared, length: 4 };
}

// Ends in an error once the reason is there; until then more bytes are needed.
function refuse(reader: ByteReader): undefined {
  if (!reader.has(4)) return undefined;
  const length = reader.u32();
  if (length > maxReasonBytes) throw violation(`handshake: a reason of ${length} bytes`);
  if (!reader.has(length)) return undefined;
  const reason = plainLine(new TextDecoder().decode(reader.take(length)), 200);
  throw new CodedError('FORBIDDEN', `cannot open the RFB connection: the server says "${reason}"`, { reason });
}
