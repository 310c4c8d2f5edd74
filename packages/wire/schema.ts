import { CodedError } from '@bhatti/base/errors.ts';
import * as v from 'valibot';

/** Any schema, for packages that pass schemas on without making them. */
export type AnySchema = v.GenericSchema;
/** The output type of a schema. */
export type Of<S extends v.GenericSchema> = v.InferOutput<S>;

/** A list of documents. */
export function listOf<S extends AnySchema>(item: S) {
  return v.array(item);
}

/**
 * Accepts a value from outside or throws INVALID_ARGUMENT that names the first field that is wrong and why.
 * `what` says which document it was, e.g. "create request".
 */
export function decodeRequest<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const { field, message } = firstIssue(result.issues);
  throw new CodedError('INVALID_ARGUMENT', `invalid ${what}: ${field === '' ? '' : `"${field}": `}${message}`, {
    argument: field,
  });
}

/** Accepts a value from the other side of one of our own protocols or throws PROTOCOL_VIOLATION. */
export function decodeReply<S extends v.GenericSchema>(schema: S, value: unknown, peer: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const { field, message } = firstIssue(result.issues);
  throw new CodedError('PROTOCOL_VIOLATION', `unexpected reply from ${peer}: "${field}": ${message}`, { peer });
}

function firstIssue(issues: readonly v.BaseIssue<unknown>[]): { field: string; message: string } {
  const issue = issues[0];
  if (issue === undefined) return { field: '', message: 'not valid' };
  return { field: v.getDotPath(issue) ?? '', message: issue.message };
}
