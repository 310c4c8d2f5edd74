import { tryReadTextSync } from '@bhatti/sys/text-file-sync.ts';
import { CodedError, describe } from '@bhatti/base/errors.ts';
import { writeFileAtomically } from '@bhatti/sys/atomic-file.ts';
import { identityFault, makeTlsIdentity, type TlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VncSettings } from '../config/settings.ts';

/**
 * Certificate and key of the port for VNC programs: those that are configured, or those in `ownFile`, made at first need and kept, so that viewers which trusted the certificate once know it again. They are
 * read by root, whose keys mostly are, before anything is started. Throws INVALID_ARGUMENT for files that cannot be used, TOOL_MISSING where TLS cannot be spoken.
 */
export function loadVncIdentity({ identityFiles }: VncSettings, ownFile: string): TlsIdentity {
  if (identityFiles === undefined) return tryReadOwn(ownFile) ?? makeOwn(ownFile);
  const { certificate, key } = identityFiles;
  const identity = { certificate: readPem(certificate), key: readPem(key) };
  const fault = identityFault(identity);
  if (fault !== undefined) throw refused(`cannot use certificate "${certificate}" with key "${key}": ${fault}`, key);
  return identity;
}

/** A broken file is replaced as a missing one is made: it is ours, and nothing else is kept in it. */
function tryReadOwn(path: string): TlsIdentity | undefined {
  const pem = tryReadTextSync(path);
  if (pem === undefined) return undefined;
  const identity = { certificate: pem, key: pem };
  return identityFault(identity) === undefined ? identity : undefined;
}

function makeOwn(path: string): TlsIdentity {
  const made = makeTlsIdentity();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // The certificate first, as programs that are given the file to trust want it.
  writeFileAtomically(path, made.certificate + made.key, { mode: 0o600 });
  return made;
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refused(`cannot read the certificate or key "${path}": ${describe(error)}`, path, error);
  }
}

function refused(message: string, path: string, cause?: unknown): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', message, { argument: 'network.ssl', value: path }, { cause });
}
