import type { Caller } from '@bhatti/client/transport.ts';
import type {
  Action,
  ActionResult,
  Batch,
  BatchReply,
  Picture,
  ScreenshotRequest,
} from '@bhatti/wire/display/action.ts';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

import { pictureResult } from '../result.ts';
import type { ToolContext } from '../tool.ts';

// A photograph of 1280×720 is 1.5 MB as PNG, and clients refuse results above 1 MB; as JPEG of this quality it is 200 KB, and text is as legible.
const pictureForm = { format: 'jpeg', quality: 85 } as const;

/** Has a batch carried out, with what the server was told about pictures where the batch says nothing. */
export function act(context: ToolContext, caller: Caller, sandbox: string, batch: Batch): Promise<BatchReply> {
  const { space } = context;
  return context.daemon.desktop.act(caller, sandbox, {
    ...(space === undefined ? {} : { space }),
    ...batch,
    actions: batch.actions.map(withForm),
    ...(batch.screenshot === undefined ? {} : { screenshot: formed(batch.screenshot) }),
  });
}

/** The reply to a batch: what each action brought, and the pictures in order, that of the batch last. That an action failed makes it an error to the model. */
export function batchResult(reply: BatchReply): CallToolResult {
  const pictures = [...reply.results.map(({ picture }) => picture), reply.screenshot].filter(
    (one) => one !== undefined,
  );
  const document = {
    ok: reply.ok,
    results: reply.results.map(bareResult),
    ...bareEnd(reply),
    frameSerial: reply.frameSerial,
    ms: reply.ms,
  };
  return { ...pictureResult(document, pictures), ...(reply.ok ? {} : { isError: true }) };
}

/** The reply to a batch of one action, as that action's result. */
export function singleResult(reply: BatchReply): CallToolResult {
  const [result] = reply.results;
  const pictures = [result?.picture, reply.screenshot].filter((one) => one !== undefined);
  const document = { ...(result === undefined ? {} : bareResult(result)), ...bareEnd(reply) };
  return { ...pictureResult(document, pictures), ...(reply.ok ? {} : { isError: true }) };
}

function bareEnd({ screen, screenshot }: BatchReply) {
  return { screen, ...(screenshot === undefined ? {} : { screenshot: bare(screenshot) }) };
}

/** The pictures themselves travel as images. */
function bareResult({ picture, ...rest }: ActionResult) {
  return picture === undefined ? rest : { ...rest, picture: bare(picture) };
}

function bare({ format, width, height }: Picture) {
  return { format, width, height };
}

function withForm(action: Action): Action {
  return action.do === 'screenshot' || action.do === 'zoom' ? formed(action) : action;
}

function formed<R extends Pick<ScreenshotRequest, 'format' | 'quality'>>(request: R): R {
  return request.format === undefined ? { ...request, ...pictureForm, ...qualityOf(request) } : request;
}

function qualityOf({ quality }: Pick<ScreenshotRequest, 'quality'>) {
  return quality === undefined ? {} : { quality };
}
