import * as v from 'valibot';

/**
 * What systemd-run asks of lohar: `POST /run` with a RunRequest on the socket for changes. The answer is a stream of JSON documents, one a line: a RunStarted or a RunRefused, and where the end is waited for, a
 * RunEnded.
 */
export const RunRequestSchema = v.object({
  kind: v.picklist(['service', 'scope', 'timer']),
  /** Without its type; undefined to be given one. */
  unit: v.optional(v.string()),
  description: v.string(),
  /** The path of the program first. Empty for a scope: the caller becomes the program. */
  argv: v.array(v.string()),
  /** `Key=value` of the unit, in order. */
  properties: v.array(v.string()),
  /** The same, of the timer that starts it. */
  timerProperties: v.array(v.string()),
  /** Process of the caller: for a scope it is moved into it; `stdio` then names its descriptors 0, 1, 2. */
  pid: v.number(),
  stdio: v.boolean(),
  until: v.picklist(['queued', 'started', 'ended']),
});
export type RunRequest = v.InferOutput<typeof RunRequestSchema>;

export interface RunStarted {
  readonly unit: string;
  readonly error?: undefined;
}

export interface RunRefused {
  /** What systemd-run prints. */
  readonly error: string;
}

export interface RunEnded {
  readonly result: string;
  /** `exited` or `killed`, with number or name; undefined where no main process was seen to end. */
  readonly code: string | undefined;
  readonly status: string | undefined;
  readonly runtimeMs: number;
}
