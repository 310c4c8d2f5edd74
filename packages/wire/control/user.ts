import * as v from 'valibot';

/**
 * `GET, POST /users` and `DELETE /users/:name`, on the unix socket only: whoever makes keys is root-equivalent. A user is the owner of sandboxes; the limits hold for
 * one sandbox each, but for `max_sandboxes`.
 */
export const UserCreateRequestSchema = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(
      /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/,
      'must start with a letter or digit and hold only letters, digits, ".", "_" and "-", at most 63',
    ),
  ),
  max_sandboxes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0, 'must be at least 0'))),
  max_cpus: v.optional(v.pipe(v.number(), v.minValue(0.1, 'must be at least 0.1'))),
  max_memory_mb: v.optional(v.pipe(v.number(), v.integer(), v.minValue(64, 'must be at least 64'))),
});
export type UserCreateRequest = v.InferOutput<typeof UserCreateRequestSchema>;

export const UserSchema = v.object({
  id: v.string(),
  name: v.string(),
  max_sandboxes: v.number(),
  max_cpus: v.number(),
  max_memory_mb: v.number(),
  created_at: v.string(),
});
export type User = v.InferOutput<typeof UserSchema>;
export const UserListSchema = v.array(UserSchema);

/** Reply of `POST /users`, 201. The key is shown once: only its hash is kept. */
export const UserCreatedSchema = v.object({ ...UserSchema.entries, api_key: v.string() });
export type UserCreated = v.InferOutput<typeof UserCreatedSchema>;
