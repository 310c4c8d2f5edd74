import * as v from 'valibot';

const text = v.pipe(v.string('must be text'), v.minLength(1, 'must not be empty'));
const positive = v.pipe(v.number('must be a number'), v.minValue(0.1, 'must be more than 0'));
const whole = (min: number) =>
  v.pipe(v.number('must be a number'), v.integer('must be a whole number'), v.minValue(min, `must be at least ${min}`));

/** What /etc/bhatti/config.yaml may hold. The CLI reads `api_url` and `auth_token` from the same file. */
export const ConfigFileSchema = v.strictObject({
  /** `ADDRESS:PORT` for the API and, on the same port, published ports. */
  listen: v.optional(text),
  data_dir: v.optional(text),
  run_dir: v.optional(text),
  instance: v.optional(text),
  subnet: v.optional(text),
  /** Last labels of published host names where no domain is configured. */
  zone: v.optional(text),
  /** A domain of one's own for published ports, with TLS here (cert and key) or in front of the daemon (neither). */
  domain: v.optional(
    v.strictObject({
      api_host: v.optional(text),
      proxy_zone: v.optional(text),
      tls_cert: v.optional(text),
      tls_key: v.optional(text),
      /** Where TLS is spoken; default `0.0.0.0:443`. */
      listen: v.optional(text),
    }),
  ),
  defaults: v.optional(
    v.strictObject({
      cpus: v.optional(positive),
      memory_mb: v.optional(whole(64)),
      disk_size_mb: v.optional(whole(64)),
    }),
  ),
  /** Of users who are created without limits of their own. */
  limits: v.optional(
    v.strictObject({
      max_sandboxes: v.optional(whole(0)),
      max_cpus: v.optional(positive),
      max_memory_mb: v.optional(whole(64)),
    }),
  ),
  idle: v.optional(
    v.strictObject({
      /** Seconds without use after which a sandbox is paused; 0: never. */
      warm_after_s: v.optional(whole(0)),
    }),
  ),
  api_url: v.optional(text),
  auth_token: v.optional(text),
});
export type ConfigFile = v.InferOutput<typeof ConfigFileSchema>;
