import { CodedError } from '@bhatti/base/errors.ts';
import type { ActionResult, Batch, BatchReply, Picture } from '@bhatti/wire/display/action.ts';

/** What a driver knows of a desktop: it carries out batches. Rejects with a CodedError when a batch could not be begun, or nobody knows how far it came. */
export interface Desktop {
  act(batch: Batch, signal: AbortSignal): Promise<BatchReply>;
}

/** What `connect(…).desktop` of the client has, as far as a driver needs it. */
interface DesktopCalls {
  act(caller: { readonly signal: AbortSignal }, sandbox: string, batch: Batch): Promise<BatchReply>;
}

/** The desktop of one sandbox: `desktopOf(client.desktop, 'dev')`. */
export function desktopOf(calls: DesktopCalls, sandbox: string): Desktop {
  return { act: (batch, signal) => calls.act({ signal }, sandbox, batch) };
}

/** The results of a batch, one for each of its `count` actions; PROTOCOL_VIOLATION otherwise. */
export function resultsOf(reply: BatchReply, count: number): readonly ActionResult[] {
  if (reply.results.length === count) return reply.results;
  throw violation(`${reply.results.length} results for ${count} actions`);
}

/** The picture of an action that is one, or of a batch that asked for one. */
export function mustPicture(picture: Picture | undefined): Picture {
  if (picture === undefined) throw violation('no picture where one was asked for');
  return picture;
}

function violation(what: string): CodedError<'PROTOCOL_VIOLATION'> {
  return new CodedError('PROTOCOL_VIOLATION', `unexpected reply from the desktop: ${what}`, { peer: 'desktop' });
}
