import * as v from 'valibot';

/**
 * What systemctl and journalctl ask of lohar: `POST /units` with a UnitRequest on the guest's own sockets (read, or change) and on the agent
 * API. The caller's working is text: the reply holds what the program prints and its exit code, so that one formatter serves all.
 */
export const UnitRequestSchema = v.object({
  verb: v.string(),
  units: v.array(v.string()),
  /** Long option names without dashes; a flag has the value "". */
  options: v.optional(v.record(v.string(), v.string())),
});
export type UnitRequest = v.InferOutput<typeof UnitRequestSchema>;

export const UnitReplySchema = v.object({ stdout: v.string(), stderr: v.string(), exitCode: v.number() });
export type UnitReply = v.InferOutput<typeof UnitReplySchema>;
