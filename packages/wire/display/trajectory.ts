import * as v from 'valibot';
import { ActionSchema, BatchReplySchema, BatchSchema } from './action.ts';

/*
 * A trajectory: what an operator did, what came of it, and what the screen showed, step by step. `POST /trajectories` begins and ends recording, `GET /trajectories` lists them, `GET /trajectories/NAME` gives the steps as lines of
 * JSON, `GET /trajectories/NAME/000001.jpeg` a picture, `DELETE /trajectories/NAME` takes one away.
 */

/** Part of a file's name. */
export const TrajectoryNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^\w[\w.-]{0,63}$/,
    'must be 1 to 64 letters, digits, dots, dashes or underscores, and begin with none of the signs',
  ),
);

export const TrajectoryRequestSchema = v.variant('op', [
  /** A name is made of the time without one. LOCKED while one is recorded, ALREADY_EXISTS. */
  v.strictObject({ op: v.literal('start'), name: v.optional(TrajectoryNameSchema) }),
  v.strictObject({ op: v.literal('stop') }),
  /** Carries out the batches of one again, in order, up to the first that fails. */
  v.strictObject({ op: v.literal('replay'), name: TrajectoryNameSchema }),
]);
export type TrajectoryRequest = v.InferOutput<typeof TrajectoryRequestSchema>;

export const TrajectorySchema = v.object({
  name: v.string(),
  /** ISO 8601, UTC. */
  startedAt: v.string(),
  steps: v.number(),
  bytes: v.number(),
  recording: v.boolean(),
});
export type Trajectory = v.InferOutput<typeof TrajectorySchema>;
export const TrajectoryListSchema = v.array(TrajectorySchema);
export const StoppedTrajectorySchema = v.nullable(TrajectorySchema);

/** A line of `steps.jsonl`. Pictures of results are files of their own; text that is sensitive is left out. */
export const TrajectoryStepSchema = v.object({
  step: v.number(),
  at: v.string(),
  batch: v.object({ ...BatchSchema.entries, actions: v.array(ActionSchema) }),
  reply: BatchReplySchema,
  /** File of the picture of the whole screen after the batch; absent where none could be taken. */
  picture: v.optional(v.string()),
  /** Some of its text is not here, so it cannot be done again. */
  redacted: v.optional(v.boolean()),
});
export type TrajectoryStep = v.InferOutput<typeof TrajectoryStepSchema>;

export const ReplaySchema = v.object({
  name: v.string(),
  /** Of the trajectory, and those that were carried out. */
  steps: v.number(),
  done: v.number(),
  ok: v.boolean(),
  /** Why it ended early. */
  error: v.optional(v.object({ code: v.string(), message: v.string() })),
});
export type Replay = v.InferOutput<typeof ReplaySchema>;
