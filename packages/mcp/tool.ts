import type { Caller } from '@bhatti/client/transport.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { Size } from '@bhatti/wire/display/action.ts';
import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import * as v from 'valibot';

import type { Access } from './access/access.ts';
import { reachSandbox } from './access/reach.ts';
import type { Scope } from './access/scope.ts';
import type { Daemon } from './daemon.ts';
import { described, jsonSchemaOf, type JsonSchema } from './json-schema.ts';

/** What the tools of one server work with. */
export interface ToolContext {
  readonly daemon: Daemon;
  readonly access: Access;
  /** Size of the pictures that coordinates are meant in, for all batches that name none. */
  readonly space: Size | undefined;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Any of them is enough. */
  readonly scopes: readonly Scope[];
  readonly annotations: ToolAnnotations;
  readonly inputSchema: JsonSchema;
  /** `args` is what the client sent, unchecked. Throws CodedError. */
  call(caller: Caller, args: unknown): Promise<CallToolResult>;
}

/** What a tool does to the world, which its annotations tell the client. */
export const effects = {
  /** Changes nothing. */
  reads: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  /** Takes nothing away, and does more when it is called again. */
  adds: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  /** Takes nothing away; called again it changes nothing more. */
  ensures: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  /** May take something away; called again it changes nothing more. */
  replaces: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  /** May do anything. */
  acts: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
} as const satisfies Record<string, ToolAnnotations>;

export interface ToolSpec<E extends v.ObjectEntries> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly Scope[];
  readonly effect: keyof typeof effects;
  /** Whether it may deal with what is outside of the sandbox and the host: websites, people. */
  readonly world: 'open' | 'closed';
  readonly entries: E;
  /** The schema that clients see, where it differs from the one that is checked. */
  readonly shown?: (schema: JsonSchema) => JsonSchema;
}

type ArgumentsOf<E extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<E, undefined>>;

/** A tool that works on no particular sandbox. */
export function hostTool<const E extends v.ObjectEntries>(
  spec: ToolSpec<E>,
  run: (caller: Caller, args: ArgumentsOf<E>) => Promise<CallToolResult>,
): Tool {
  const schema = v.strictObject(spec.entries);
  return toolOf(spec, schema, (caller, args) => run(caller, decodeRequest(schema, args, 'arguments')));
}

/** A tool that works on a sandbox, which its argument `sandbox` names; `run` gets it only when it is within reach. */
export function sandboxTool<const E extends v.ObjectEntries>(
  context: ToolContext,
  spec: ToolSpec<E>,
  run: (caller: Caller, sandbox: string, args: ArgumentsOf<E>) => Promise<CallToolResult>,
): Tool {
  const { daemon, access } = context;
  const target = { sandbox: sandboxEntry(access) };
  const aim = v.looseObject(target);
  const rest = v.strictObject(spec.entries);
  return toolOf(spec, v.strictObject({ ...target, ...spec.entries }), async (caller, args) => {
    const { sandbox, ...others } = decodeRequest(aim, args, 'arguments');
    const checked = decodeRequest(rest, others, 'arguments');
    return run(caller, await reachSandbox(daemon, access.reach, caller, sandbox), checked);
  });
}

function sandboxEntry({ reach }: Access): v.GenericSchema<string | undefined> {
  const name = v.pipe(v.string(), v.minLength(1), v.maxLength(63));
  if (reach.kind !== 'named') return described(name, 'Name or id of the sandbox.');
  const names = reach.names.join(', ');
  if (reach.names.length > 1) return described(name, `Name of the sandbox, one of: ${names}.`);
  return described(v.optional(name), `Name of the sandbox; always ${names}, may be left out.`);
}

function toolOf(spec: Omit<ToolSpec<v.ObjectEntries>, 'entries'>, schema: v.GenericSchema, call: Tool['call']): Tool {
  const { name, title, description, scopes, effect, world, shown = (as) => as } = spec;
  const annotations = { title, ...effects[effect], openWorldHint: world === 'open' };
  return { name, title, description, scopes, annotations, inputSchema: shown(jsonSchemaOf(schema)), call };
}
