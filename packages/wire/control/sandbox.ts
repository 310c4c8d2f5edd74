import * as v from 'valibot';

/** Letters, digits, dot, underscore and dash; starts with a letter or digit; at most 63. */
export const sandboxNamePattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;
/** One label of a host name. */
export const aliasPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
export const reservedAliases: readonly string[] = [
  'www',
  'mail',
  'admin',
  'status',
  'ns1',
  'ns2',
  'api',
  'app',
  'bhatti',
  '_acme-challenge',
];

const integer = (min: number, max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  );

const NameSchema = v.pipe(
  v.string(),
  v.regex(
    sandboxNamePattern,
    'must start with a letter or digit and hold only letters, digits, ".", "_" and "-", at most 63',
  ),
);

/** `POST /sandboxes`. Field names are those of the original's API. Unset fields take the daemon's defaults. */
export const CreateRequestSchema = v.strictObject({
  name: v.optional(NameSchema),
  image: v.optional(v.string()),
  /** Fractions allowed (0.5 = half a core). */
  cpus: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.minValue(0.1, 'must be at least 0.1'),
      v.maxValue(1024, 'must be at most 1024'),
    ),
  ),
  memory_mb: v.optional(integer(64, 16_777_216)),
  disk_size_mb: v.optional(integer(64, 1_073_741_824)),
  env: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a variable name')), v.string()),
  ),
  init: v.optional(v.string()),
  keep_hot: v.optional(v.boolean()),
  labels: v.optional(v.record(v.string(), v.string())),
  files: v.optional(v.array(v.object({ guest_path: v.string(), content: v.string(), mode: v.optional(v.string()) }))),
  /** Whether the reply waits until the sandbox is usable: a desktop drawn, or the first exec possible. Default true. */
  wait: v.optional(v.boolean()),
  /** Default: the strongest that works on this host. HOST_UNSUPPORTED when it does not. */
  engine: v.optional(v.picklist(['container', 'microvm'], 'must be "container" or "microvm"')),
});
export type CreateRequest = v.InferOutput<typeof CreateRequestSchema>;

/** `PATCH /sandboxes/:id`. What is not named stays. */
export const EditRequestSchema = v.strictObject({
  name: v.optional(NameSchema),
  keep_hot: v.optional(v.boolean()),
  labels_add: v.optional(v.record(v.string(), v.string())),
  labels_remove: v.optional(v.array(v.string())),
});
export type EditRequest = v.InferOutput<typeof EditRequestSchema>;

/** `running` is hot; a paused sandbox is `running` with thermal `warm`. */
export const sandboxStatuses = ['creating', 'booting', 'running', 'stopping', 'stopped', 'failed'] as const;

/** A sandbox as the API shows it. */
export const SandboxSchema = v.object({
  id: v.string(),
  name: v.string(),
  status: v.picklist(sandboxStatuses),
  thermal: v.optional(v.picklist(['hot', 'warm', 'cold'])),
  engine: v.string(),
  ip: v.optional(v.string()),
  image: v.string(),
  cpus: v.number(),
  memory_mb: v.number(),
  disk_size_mb: v.number(),
  keep_hot: v.boolean(),
  labels: v.record(v.string(), v.string()),
  urls: v.array(v.string()),
  created_by: v.string(),
  created_at: v.string(),
  stopped_at: v.optional(v.string()),
  /** Why it is `failed`. */
  failure: v.optional(v.string()),
  /** Remarks for a person, e.g. which barrier is in force. Only in replies to create and start. */
  notices: v.optional(v.array(v.string())),
});
export type Sandbox = v.InferOutput<typeof SandboxSchema>;
export const SandboxListSchema = v.array(SandboxSchema);
