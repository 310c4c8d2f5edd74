import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

/** A JSON schema of an object, dialect 2020-12, which is what MCP means where a schema names none. */
export interface JsonSchema {
  readonly type: 'object';
  readonly properties?: Record<string, object>;
  readonly required?: string[];
  readonly [keyword: string]: unknown;
}

/**
 * What a tool takes, for its clients. Written with the keywords that every vendor's models understand: a pair of numbers is an array of two instead of `prefixItems`, a choice is
 * `anyOf` instead of `oneOf`, a constant says its type. Checks that JSON schema has no word for are left to the server.
 */
export function jsonSchemaOf(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...document } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['finite', 'check'],
    overrideSchema({ valibotSchema, jsonSchema }) {
      const { prefixItems, items: _items, oneOf, ...rest } = jsonSchema;
      if (valibotSchema.type === 'literal') return { type: 'string', ...jsonSchema };
      if (oneOf !== undefined) return { ...rest, anyOf: oneOf };
      const [first] = prefixItems ?? [];
      if (prefixItems === undefined || first === undefined) return undefined;
      return { ...rest, items: first, minItems: prefixItems.length, maxItems: prefixItems.length };
    },
  });
  // SAFETY: every schema that comes here is one of an object, whose document has this shape.
  return document as unknown as JsonSchema;
}

/** A schema with a word for the model about it. */
export function described<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}
