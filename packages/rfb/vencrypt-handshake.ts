import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { SecurityType, VeNCryptSubType } from './numbers.ts';
import { decodeVersion, encodeVersion, type MinorVersion, versionBytes } from './version.ts';
import { violation } from './violation.ts';

/*
 * A server's side of security type VeNCrypt 0.2 (community document, "VeNCrypt"), on a port where the client is not known yet. It ends where TLS begins; in TLS the client sends user and password
 * (`readPlainLogin`), and after the server's SecurityResult the handshake of RFC 6143 goes on with ClientInit.
 */

export type VeNCryptHandshake =
  | { readonly phase: 'version' }
  | { readonly phase: 'securityType'; readonly minor: MinorVersion }
  | { readonly phase: 'veNCryptVersion'; readonly minor: MinorVersion }
  | { readonly phase: 'subType'; readonly minor: MinorVersion }
  | { readonly phase: 'tls'; readonly minor: MinorVersion; readonly subType: VeNCryptSubType }
  /** What is to be sent says why; then the connection ends. */
  | { readonly phase: 'refused'; readonly why: string };

/** The next state, what to send, and how many of the client's bytes were taken. */
export interface VeNCryptStep {
  readonly state: VeNCryptHandshake;
  readonly send: Uint8Array;
  readonly length: number;
}

/** User and password, as the sub-types "…Plain" carry them. */
export interface PlainLogin {
  readonly user: string;
  readonly password: string;
}

// The one that keeps out who sits in between comes first, for clients that take the first they know.
const offered: readonly number[] = [VeNCryptSubType.x509Plain, VeNCryptSubType.tlsPlain];
const versionMajor = 0;
const versionMinor = 2;
const maxUserBytes = 255; // the longest name in a password file has 127 characters
const maxPasswordBytes = 512;

export function startVeNCryptHandshake(): VeNCryptStep {
  return { state: { phase: 'version' }, send: encodeVersion(8), length: 0 };
}

/** Takes the client's next bytes. Undefined: more are needed, or TLS begins, or it is over. */
export function stepVeNCryptHandshake(state: VeNCryptHandshake, bytes: Uint8Array): VeNCryptStep | undefined {
  switch (state.phase) {
    case 'version':
      return takeVersion(bytes);
    case 'securityType':
      return takeSecurityType(bytes, state.minor);
    case 'veNCryptVersion':
      return takeVeNCryptVersion(bytes, state.minor);
    case 'subType':
      return takeSubType(bytes, state.minor);
    case 'tls':
    case 'refused':
      return undefined;
  }
}

function takeVersion(bytes: Uint8Array): VeNCryptStep | undefined {
  if (bytes.length < versionBytes) return undefined;
  const minor = decodeVersion(bytes);
  if (minor === 3) {
    // RFC 6143 appendix A.1: in version 3.3 the server decides in 32 bits, and type 0 has a reason.
    const why = 'RFB 3.7 or later with VeNCrypt is needed';
    const send = new ByteWriter().u32(SecurityType.invalid).bytes(encodeReason(why)).copy();
    return { state: { phase: 'refused', why }, send, length: versionBytes };
  }
  return {
    state: { phase: 'securityType', minor },
    send: Uint8Array.of(1, SecurityType.veNCrypt),
    length: versionBytes,
  };
}

function takeSecurityType(bytes: Uint8Array, minor: MinorVersion): VeNCryptStep | undefined {
  const chosen = bytes[0];
  if (chosen === undefined) return undefined;
  if (chosen !== SecurityType.veNCrypt) throw violation(`handshake: security type ${chosen} was not offered`);
  return { state: { phase: 'veNCryptVersion', minor }, send: Uint8Array.of(versionMajor, versionMinor), length: 1 };
}

function takeVeNCryptVersion(bytes: Uint8Array, minor: MinorVersion): VeNCryptStep | undefined {
  const [major, its] = bytes;
  if (major === undefined || its === undefined) return undefined;
  if (major !== versionMajor || its !== versionMinor) {
    // Community document: anything but 0 says that the server cannot support the version.
    const why = `VeNCrypt ${major}.${its} is not spoken`;
    return { state: { phase: 'refused', why }, send: Uint8Array.of(1), length: 2 };
  }
  const send = new ByteWriter().u8(0).u8(offered.length);
  for (const subType of offered) send.u32(subType);
  return { state: { phase: 'subType', minor }, send: send.copy(), length: 2 };
}

function takeSubType(bytes: Uint8Array, minor: MinorVersion): VeNCryptStep | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(4)) return undefined;
  const chosen = reader.u32();
  const subType = Object.values(VeNCryptSubType).find((each) => each === chosen);
  if (subType === undefined) throw violation(`handshake: VeNCrypt sub-type ${chosen} was not offered`);
  // Community document: 1 says that TLS may begin.
  return { state: { phase: 'tls', minor, subType }, send: Uint8Array.of(1), length: 4 };
}

/** Reads what a client sends first inside of TLS. Undefined: more bytes are needed, but never more than 775. */
export function readPlainLogin(bytes: Uint8Array): PlainLogin | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(8)) return undefined;
  const userBytes = reader.u32();
  const passwordBytes = reader.u32();
  if (userBytes > maxUserBytes) throw violation(`handshake: a user name of ${userBytes} bytes`);
  if (passwordBytes > maxPasswordBytes) throw violation(`handshake: a password of ${passwordBytes} bytes`);
  if (!reader.has(userBytes + passwordBytes)) return undefined;
  const decoder = new TextDecoder();
  // The client waits for an answer now, so nothing that follows is of use.
  return { user: decoder.decode(reader.take(userBytes)), password: decoder.decode(reader.take(passwordBytes)) };
}

/** The SecurityResult of a login that is right. */
export function encodeSecurityOk(): Uint8Array {
  return new ByteWriter(4).u32(0).copy();
}

/** The SecurityResult of one that is not. RFC 6143 appendix A.2: only version 3.8 has a reason. */
export function encodeSecurityFailure(minor: MinorVersion, why: string): Uint8Array {
  const result = new ByteWriter().u32(1);
  return minor === 8 ? result.bytes(encodeReason(why)).copy() : result.copy();
}

function encodeReason(why: string): Uint8Array {
  const text = new TextEncoder().encode(why);
  return new ByteWriter(4 + text.length).u32(text.length).bytes(text).copy();
}
