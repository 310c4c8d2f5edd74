import { CodedError } from '@bhatti/base/errors.ts';
import { plainLine } from '@bhatti/base/bytes.ts';

import { at, mustNumberAt, mustTextAt, textAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import { staleRef, type ElementHandle } from './refs.ts';

const worldName = 'bhatti';

/*
 * Scripts of ours run in a world of their own: they see the page's document, and the page cannot see them, nor put functions of its own in place of the browser's.
 */

/** The value of an expression, in a frame; what a promise comes to. */
export async function evaluate(session: CdpSession, frameId: string, expression: string): Promise<unknown> {
  const contextId = await worldOf(session, frameId);
  const reply = await session.send('Runtime.evaluate', {
    expression,
    contextId,
    returnByValue: true,
    awaitPromise: true,
  });
  return valueOf(reply);
}

/** What `declaration`, a function, gives for the element as its `this`. `ref` is its name for the model. */
export async function callOn(
  session: CdpSession,
  element: ElementHandle,
  ref: string,
  declaration: string,
  values: readonly unknown[] = [],
): Promise<unknown> {
  const contextId = await worldOf(session, element.frameId).catch((error: unknown) => {
    throw staleRef(ref, error);
  });
  const { backendNodeId } = element;
  const node = await session
    .send('DOM.resolveNode', { backendNodeId, executionContextId: contextId })
    .catch((error: unknown) => {
      throw staleRef(ref, error);
    });
  const objectId = mustTextAt(node, 'object', 'objectId');
  const reply = await session.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: declaration,
    arguments: values.map((value) => ({ value })),
    returnByValue: true,
  });
  return valueOf(reply);
}

async function worldOf(session: CdpSession, frameId: string): Promise<number> {
  return mustNumberAt(await session.send('Page.createIsolatedWorld', { frameId, worldName }), 'executionContextId');
}

function valueOf(reply: unknown): unknown {
  const exception = at(reply, 'exceptionDetails');
  if (exception === undefined) return at(reply, 'result', 'value');
  const why = textAt(exception, 'exception', 'description') ?? textAt(exception, 'text') ?? 'it threw';
  throw new CodedError('PROTOCOL_VIOLATION', `a script in the page failed: ${plainLine(why, 300)}`, {
    peer: 'browser',
  });
}
