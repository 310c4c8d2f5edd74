import { CodedError } from '@bhatti/base/errors.ts';
import { plainLine } from '@bhatti/base/bytes.ts';
import { decodeLatin1, encodeLatin1 } from './latin1.ts';

/** The three versions that RFC 6143 knows, by their minor number. */
export type MinorVersion = 3 | 7 | 8;

export const versionBytes = 12;

export function encodeVersion(minor: MinorVersion): Uint8Array<ArrayBuffer> {
  return encodeLatin1(`RFB 003.00${minor}\n`);
}

/** The version that both can speak, from the 12 bytes of a ProtocolVersion message. Throws VERSION_UNSUPPORTED when this is no RFB at all. */
export function decodeVersion(bytes: Uint8Array): MinorVersion {
  const text = decodeLatin1(bytes.subarray(0, versionBytes));
  const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
  if (match === null) {
    const said = plainLine(text, versionBytes);
    throw new CodedError('VERSION_UNSUPPORTED', `cannot speak RFB: the peer began with "${said}"`, { version: said });
  }
  const major = Number(match[1]);
  const minor = Number(match[2]);
  if (major > 3) return 8;
  // RFC 6143 §7.1.1: "Other version numbers are reported by some servers and clients, but should be interpreted as 3.3 since they
  // do not implement the different handshake in 3.7 or 3.8." Numbers above 8 (macOS says 3.889) do implement it.
  if (major < 3 || minor < 7) return 3;
  return minor === 7 ? 7 : 8;
}
