import { CodedError } from '@bhatti/base/errors.ts';

/** The error for bytes that the protocol does not allow. `what` completes "cannot read …: why". */
export function violation(what: string): CodedError<'PROTOCOL_VIOLATION'> {
  return new CodedError('PROTOCOL_VIOLATION', `cannot read RFB ${what}`, { peer: 'rfb' });
}
