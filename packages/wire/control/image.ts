import * as v from 'valibot';

export const ImageSchema = v.object({
  name: v.string(),
  /** Content address: `sha256:` and 64 hexadecimal digits over recipe and packages. */
  digest: v.string(),
  size_mb: v.number(),
  created_at: v.string(),
  /** Sandboxes that stand on it. */
  sandboxes: v.number(),
});
export type Image = v.InferOutput<typeof ImageSchema>;
export const ImageListSchema = v.array(ImageSchema);

/** `POST /images/build` `{name}` streams these as NDJSON; the last line is `done` or `error`. */
export const ImageBuildEventSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), step: v.string(), fraction: v.number(), elapsedMs: v.number() }),
  v.object({ type: v.literal('log'), line: v.string() }),
  v.object({ type: v.literal('done'), image: ImageSchema }),
  v.object({
    type: v.literal('error'),
    code: v.string(),
    message: v.string(),
    hint: v.optional(v.string()),
    log: v.optional(v.array(v.string())),
  }),
]);
export type ImageBuildEvent = v.InferOutput<typeof ImageBuildEventSchema>;
