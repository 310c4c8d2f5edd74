import * as v from 'valibot';

/**
 * `POST /journal` with a JournalRequest, on the guest's read socket and on the agent API. The reply is the text that journalctl prints, streamed; with `follow` it ends when the
 * client goes away.
 */
export const JournalRequestSchema = v.object({
  /** Complete unit names; none means all. */
  units: v.array(v.string()),
  /** Only the last so many entries. */
  lines: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  follow: v.optional(v.boolean()),
  /** Newest first. */
  reverse: v.optional(v.boolean()),
  output: v.optional(v.picklist(['short', 'short-iso', 'short-precise', 'short-unix', 'with-unit', 'cat', 'json'])),
  /** Microseconds since the epoch. */
  sinceUs: v.optional(v.number()),
  untilUs: v.optional(v.number()),
  /** Only what came since the sandbox was booted. */
  boot: v.optional(v.boolean()),
  /** The least urgent priority shown, 0 to 7 as in syslog(3). */
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7))),
});
export type JournalRequest = v.InferOutput<typeof JournalRequestSchema>;
