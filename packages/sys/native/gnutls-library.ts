import { CodedError } from '@bhatti/base/errors.ts';
import { lazyLibrary } from './library.ts';

/*
 * GnuTLS 3.7 (gnutls/gnutls.h, gnutls/x509.h), Debian's libgnutls30. The runtime's own TLS cannot do it: BoringSSL has no anonymous key exchange, which VeNCrypt's sub-types "TLS…" are made of.
 */
const library = lazyLibrary(['libgnutls.so.30'], {
  gnutls_strerror: { args: ['i32'], returns: 'cstring' },
  gnutls_error_is_fatal: { args: ['i32'], returns: 'i32' },
  gnutls_anon_allocate_server_credentials: { args: ['u64'], returns: 'i32' },
  gnutls_anon_free_server_credentials: { args: ['u64'], returns: 'void' },
  gnutls_anon_set_server_known_dh_params: { args: ['u64', 'i32'], returns: 'i32' },
  gnutls_certificate_allocate_credentials: { args: ['u64'], returns: 'i32' },
  gnutls_certificate_free_credentials: { args: ['u64'], returns: 'void' },
  gnutls_certificate_set_x509_key_mem2: { args: ['u64', 'u64', 'u64', 'i32', 'u64', 'u32'], returns: 'i32' },
  gnutls_init: { args: ['u64', 'u32'], returns: 'i32' },
  gnutls_deinit: { args: ['u64'], returns: 'void' },
  gnutls_priority_set_direct: { args: ['u64', 'cstring', 'u64'], returns: 'i32' },
  gnutls_credentials_set: { args: ['u64', 'i32', 'u64'], returns: 'i32' },
  gnutls_transport_set_ptr: { args: ['u64', 'u64'], returns: 'void' },
  gnutls_transport_set_push_function: { args: ['u64', 'ptr'], returns: 'void' },
  gnutls_transport_set_pull_function: { args: ['u64', 'ptr'], returns: 'void' },
  gnutls_transport_set_errno: { args: ['u64', 'i32'], returns: 'void' },
  gnutls_handshake: { args: ['u64'], returns: 'i32' },
  gnutls_alert_send_appropriate: { args: ['u64', 'i32'], returns: 'i32' },
  gnutls_record_send: { args: ['u64', 'u64', 'u64'], returns: 'i64' },
  gnutls_record_recv: { args: ['u64', 'u64', 'u64'], returns: 'i64' },
  gnutls_bye: { args: ['u64', 'i32'], returns: 'i32' },
  gnutls_x509_privkey_init: { args: ['u64'], returns: 'i32' },
  gnutls_x509_privkey_deinit: { args: ['u64'], returns: 'void' },
  gnutls_x509_privkey_generate: { args: ['u64', 'i32', 'u32', 'u32'], returns: 'i32' },
  gnutls_x509_privkey_export: { args: ['u64', 'i32', 'u64', 'u64'], returns: 'i32' },
  gnutls_x509_crt_init: { args: ['u64'], returns: 'i32' },
  gnutls_x509_crt_deinit: { args: ['u64'], returns: 'void' },
  gnutls_x509_crt_set_version: { args: ['u64', 'u32'], returns: 'i32' },
  gnutls_x509_crt_set_serial: { args: ['u64', 'u64', 'u64'], returns: 'i32' },
  gnutls_x509_crt_set_dn: { args: ['u64', 'cstring', 'u64'], returns: 'i32' },
  gnutls_x509_crt_set_subject_alt_name: { args: ['u64', 'i32', 'u64', 'u32', 'u32'], returns: 'i32' },
  gnutls_x509_crt_set_activation_time: { args: ['u64', 'i64'], returns: 'i32' },
  gnutls_x509_crt_set_expiration_time: { args: ['u64', 'i64'], returns: 'i32' },
  gnutls_x509_crt_set_key: { args: ['u64', 'u64'], returns: 'i32' },
  gnutls_x509_crt_sign2: { args: ['u64', 'u64', 'u64', 'i32', 'u32'], returns: 'i32' },
  gnutls_x509_crt_export: { args: ['u64', 'i32', 'u64', 'u64'], returns: 'i32' },
});

/** Throws TOOL_MISSING where it is not installed. */
export function gnutls(): ReturnType<typeof library> {
  try {
    return library();
  } catch (cause) {
    const hint = 'apt-get install libgnutls30';
    throw new CodedError(
      'TOOL_MISSING',
      'cannot speak TLS: libgnutls.so.30 is missing',
      { tool: 'libgnutls.so.30' },
      { cause, hint },
    );
  }
}

/** What GnuTLS says of an error, as a part of a message of ours. */
export function gnutlsMessage(code: number): string {
  return String(gnutls().gnutls_strerror(code)).replace(/\.$/, '');
}

/** For calls that only a defect of ours, or a lack of memory, makes fail. */
export function mustSucceed(code: number, what: string): void {
  if (code < 0) throw new Error(`gnutls: ${what}: ${gnutlsMessage(code)}`);
}
