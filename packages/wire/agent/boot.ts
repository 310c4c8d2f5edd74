import * as v from 'valibot';

/**
 * `PUT /boot`: what a guest must know about itself. Sent by the daemon once per boot, before units start; a second one in the same boot
 * is accepted and changes nothing. Replies 204. It is the same for every engine.
 */
export const BootRequestSchema = v.object({
  sandboxId: v.string(),
  hostname: v.string(),
  /** Create-time environment and secrets; every exec and units that ask for it see them. */
  env: v.record(v.string(), v.string()),
  /** Addresses of resolvers, for /etc/resolv.conf. */
  nameservers: v.array(v.string()),
  /** Own IPv4 address, for /etc/hosts. */
  address: v.optional(v.string()),
  /** Host clock, ms since the epoch; the guest steps its clock only where it owns one (a VM). */
  nowMs: v.number(),
  /** Files to write before units start; content as base64. */
  files: v.array(v.object({ path: v.string(), contentBase64: v.string(), mode: v.optional(v.string()) })),
  /** A command line to run once as user lohar after boot (`create --init`). */
  init: v.optional(v.string()),
});
export type BootRequest = v.InferOutput<typeof BootRequestSchema>;
