import { randomBytes } from 'node:crypto';
import { cString } from './descriptor.ts';
import { gnutls, gnutlsMessage, mustSucceed } from './gnutls-library.ts';
import { allocateNative, type NativeMemory } from './memory.ts';

/** A certificate, with those above it, and its private key: both PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

const GNUTLS_X509_FMT_PEM = 1;
const GNUTLS_PK_ECDSA = 4;
const GNUTLS_DIG_SHA256 = 6;
const GNUTLS_SAN_DNSNAME = 1;
const GNUTLS_SAN_IPADDRESS = 4;
const GNUTLS_FSAN_APPEND = 1;
const keyBits = 256; // P-256: every TLS 1.2 client of the last ten years knows it
const maxPemBytes = 8192;
const dayS = 86_400;
const validDays = 7300; // nobody renews it: viewers that trusted it once know it by itself

/** A new key, and a certificate for it that it has signed itself. It is for this machine's loopback, since that is how the far end of a tunnel is called. */
export function makeTlsIdentity(): TlsIdentity {
  const library = gnutls();
  using out = allocateNative(8);
  const address = () => Number(viewOf(out).getBigUint64(0, true));
  mustSucceed(library.gnutls_x509_privkey_init(out.address), 'a private key');
  const key = address();
  try {
    mustSucceed(library.gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, keyBits, 0), 'a private key');
    mustSucceed(library.gnutls_x509_crt_init(out.address), 'a certificate');
    const certificate = address();
    try {
      signItself(certificate, key);
      return {
        certificate: exported((at, size) => library.gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, at, size)),
        key: exported((at, size) => library.gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, at, size)),
      };
    } finally {
      library.gnutls_x509_crt_deinit(certificate);
    }
  } finally {
    library.gnutls_x509_privkey_deinit(key);
  }
}

function signItself(certificate: number, key: number): void {
  const library = gnutls();
  const nowS = Math.floor(Date.now() / 1000);
  // RFC 5280 §4.1.2.2: a positive number of at most 20 bytes.
  using serial = nativeBytes(Uint8Array.of(1, ...randomBytes(15)));
  using name = nativeBytes(Buffer.from('localhost'));
  using ipv4 = nativeBytes(Uint8Array.of(127, 0, 0, 1));
  for (const code of [
    library.gnutls_x509_crt_set_version(certificate, 3),
    library.gnutls_x509_crt_set_serial(certificate, serial.address, serial.bytes.length),
    library.gnutls_x509_crt_set_dn(certificate, cString('CN=bhatti desktop'), 0),
    ...[
      { type: GNUTLS_SAN_DNSNAME, value: name },
      { type: GNUTLS_SAN_IPADDRESS, value: ipv4 },
    ].map(({ type, value }) =>
      library.gnutls_x509_crt_set_subject_alt_name(
        certificate,
        type,
        value.address,
        value.bytes.length,
        GNUTLS_FSAN_APPEND,
      ),
    ),
    // A day early, for viewers whose clock is late.
    library.gnutls_x509_crt_set_activation_time(certificate, nowS - dayS),
    library.gnutls_x509_crt_set_expiration_time(certificate, nowS + validDays * dayS),
    library.gnutls_x509_crt_set_key(certificate, key),
    library.gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0),
  ]) {
    mustSucceed(code, 'a certificate');
  }
}

function exported(write: (address: number, sizeAddress: number) => number): string {
  using pem = allocateNative(maxPemBytes);
  using size = allocateNative(8);
  viewOf(size).setBigUint64(0, BigInt(maxPemBytes), true);
  mustSucceed(write(pem.address, size.address), 'PEM');
  return Buffer.from(pem.bytes.subarray(0, Number(viewOf(size).getBigUint64(0, true)))).toString('utf8');
}

/** Why these are no certificate with its key; undefined when they are. Throws TOOL_MISSING. */
export function identityFault(identity: TlsIdentity): string | undefined {
  const made = tryCertificateCredentials(identity);
  if (typeof made === 'string') return made;
  gnutls().gnutls_certificate_free_credentials(made);
  return undefined;
}

/** The address of GnuTLS's credentials, which the caller frees; or why there are none. */
export function tryCertificateCredentials(identity: TlsIdentity): number | string {
  const library = gnutls();
  using out = allocateNative(8);
  mustSucceed(library.gnutls_certificate_allocate_credentials(out.address), 'credentials');
  const credentials = Number(viewOf(out).getBigUint64(0, true));
  using certificate = datum(identity.certificate);
  using key = datum(identity.key);
  const code = library.gnutls_certificate_set_x509_key_mem2(
    credentials,
    certificate.address,
    key.address,
    GNUTLS_X509_FMT_PEM,
    0,
    0,
  );
  if (code >= 0) return credentials;
  library.gnutls_certificate_free_credentials(credentials);
  return gnutlsMessage(code);
}

/** A gnutls_datum_t: an address and a length, with what they are of. */
function datum(text: string): NativeMemory {
  const bytes = Buffer.from(text);
  const memory = allocateNative(16 + bytes.length);
  memory.bytes.set(bytes, 16);
  viewOf(memory).setBigUint64(0, BigInt(memory.address + 16), true);
  viewOf(memory).setUint32(8, bytes.length, true);
  return memory;
}

function nativeBytes(bytes: Uint8Array): NativeMemory {
  const memory = allocateNative(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

function viewOf(memory: NativeMemory): DataView {
  return new DataView(memory.bytes.buffer);
}
