import { ByteWriter } from './byte-writer.ts';
import { SecurityType } from './numbers.ts';
import { encodeServerInit, type ServerInit } from './server-init.ts';
import { decodeVersion, encodeVersion, type MinorVersion, versionBytes } from './version.ts';
import { violation } from './violation.ts';

/** Where a server stands in the handshake of one client (RFC 6143 §7.1 to §7.3). */
export type ServerHandshake =
  | { readonly phase: 'version' }
  | { readonly phase: 'security'; readonly minor: MinorVersion }
  | { readonly phase: 'clientInit'; readonly minor: MinorVersion }
  | { readonly phase: 'done'; readonly minor: MinorVersion; readonly shared: boolean };

/** The next state, what to send, and how many of the client's bytes were taken. */
export interface ServerHandshakeStep {
  readonly state: ServerHandshake;
  readonly send: Uint8Array;
  readonly length: number;
}

/** What a server does first. The viewer was authenticated before the first byte of RFB, so security is always "None". */
export function startServerHandshake(): ServerHandshakeStep {
  return { state: { phase: 'version' }, send: encodeVersion(8), length: 0 };
}

/** Takes the client's next bytes. Undefined: more are needed, or the handshake is done. `init` is sent as it is at that moment. */
export function stepServerHandshake(
  state: ServerHandshake,
  bytes: Uint8Array,
  init: ServerInit,
): ServerHandshakeStep | undefined {
  switch (state.phase) {
    case 'version':
      return takeVersion(bytes);
    case 'security':
      return takeSecurityType(bytes, state.minor);
    case 'clientInit': {
      const shared = bytes[0];
      if (shared === undefined) return undefined;
      const done = { phase: 'done', minor: state.minor, shared: shared !== 0 } as const;
      return { state: done, send: encodeServerInit(init), length: 1 };
    }
    case 'done':
      return undefined;
  }
}

function takeVersion(bytes: Uint8Array): ServerHandshakeStep | undefined {
  if (bytes.length < versionBytes) return undefined;
  const minor = decodeVersion(bytes);
  // RFC 6143 appendix A.1: in version 3.3 the server decides, and says so in 32 bits.
  if (minor === 3) {
    const send = new ByteWriter(4).u32(SecurityType.none).copy();
    return { state: { phase: 'clientInit', minor }, send, length: versionBytes };
  }
  const send = Uint8Array.of(1, SecurityType.none);
  return { state: { phase: 'security', minor }, send, length: versionBytes };
}

function takeSecurityType(bytes: Uint8Array, minor: MinorVersion): ServerHandshakeStep | undefined {
  const chosen = bytes[0];
  if (chosen === undefined) return undefined;
  if (chosen !== SecurityType.none) throw violation(`handshake: security type ${chosen} was not offered`);
  // RFC 6143 appendix A.2: version 3.7 has no SecurityResult for "None".
  const send = minor === 8 ? Uint8Array.of(0, 0, 0, 0) : new Uint8Array(0);
  return { state: { phase: 'clientInit', minor }, send, length: 1 };
}
