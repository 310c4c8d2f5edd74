import * as v from 'valibot';

/**
 * `GET /hello`: the first thing the daemon asks. `bootId` is new at each boot of the sandbox and stays the same when lohar alone is
 * started again. `waiting`: no boot configuration yet; `booting`: units are being started; `ready`: the boot transaction ended.
 */
export const HelloReplySchema = v.object({
  version: v.string(),
  bootId: v.string(),
  phase: v.picklist(['waiting', 'booting', 'ready']),
  /** Units of the boot transaction that failed. */
  failedUnits: v.array(v.string()),
});
export type HelloReply = v.InferOutput<typeof HelloReplySchema>;
