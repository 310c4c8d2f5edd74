import * as v from 'valibot';

import { aliasPattern, reservedAliases } from './sandbox.ts';

const PortSchema = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be between 1 and 65535'),
  v.maxValue(65_535, 'must be between 1 and 65535'),
);

/** `POST /sandboxes/:id/publish`. Replies 201, or 200 and `X-Bhatti-Existing: true` when this port is published already. */
export const PublishRequestSchema = v.strictObject({
  port: PortSchema,
  alias: v.optional(
    v.pipe(
      v.string(),
      v.regex(aliasPattern, 'must be one label of a host name: lower-case letters, digits and "-"'),
      v.check((alias) => !reservedAliases.includes(alias), 'is reserved'),
    ),
  ),
});
export type PublishRequest = v.InferOutput<typeof PublishRequestSchema>;

export const PublishRuleSchema = v.object({
  id: v.string(),
  sandbox_id: v.string(),
  port: v.number(),
  alias: v.string(),
  url: v.string(),
  /** Host name and address to connect to, for programs that cannot resolve the URL's host. */
  host: v.string(),
  connect: v.string(),
  /** The line that makes the same URL work from another machine; only where the zone is `localhost`. */
  tunnel: v.optional(v.string()),
  created_at: v.string(),
});
export type PublishRule = v.InferOutput<typeof PublishRuleSchema>;
export const PublishRuleListSchema = v.array(PublishRuleSchema);
