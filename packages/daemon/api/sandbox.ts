import { CreateRequestSchema, EditRequestSchema } from '@bhatti/wire/control/sandbox.ts';
import { createSandbox } from '../sandbox/create.ts';
import { destroySandbox } from '../sandbox/destroy.ts';
import { editSandbox } from '../sandbox/edit.ts';
import type { SandboxEntry } from '../sandbox/entry.ts';
import { changePhase } from '../sandbox/lifecycle.ts';
import type { Verb } from '../sandbox/phase-table.ts';
import { sandboxDocument, sandboxOf, type ApiContext } from './context.ts';
import { readBody, sendJson, type ApiExchange } from './exchange.ts';

export async function listSandboxes(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const wanted = exchange.query.getAll('label');
  const matching = context.parts.registry.visibleTo(exchange.caller).filter((entry) => hasLabels(entry, wanted));
  sendJson(
    exchange,
    200,
    matching.map((entry) => sandboxDocument(context, entry)),
  );
}

export async function postSandbox(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const request = await readBody(exchange, CreateRequestSchema, 'create request');
  const { caller, limits } = exchange;
  const { entry, isExisting } = await createSandbox(exchange.op, context.parts, { caller, request, limits });
  const document = { ...sandboxDocument(context, entry), notices: [...entry.notices] };
  sendJson(exchange, isExisting ? 200 : 201, document, isExisting ? { 'x-bhatti-existing': 'true' } : {});
}

export async function getSandbox(context: ApiContext, exchange: ApiExchange): Promise<void> {
  sendJson(exchange, 200, sandboxDocument(context, sandboxOf(context, exchange)));
}

export async function patchSandbox(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const entry = sandboxOf(context, exchange);
  const request = await readBody(exchange, EditRequestSchema, 'edit request');
  await editSandbox(exchange.op, context.parts, entry, request);
  sendJson(exchange, 200, sandboxDocument(context, entry));
}

export async function deleteSandbox(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await destroySandbox(exchange.op, context.parts, sandboxOf(context, exchange));
  sendJson(exchange, 200, { status: 'destroyed' });
}

/** `POST /sandboxes/:id/start` and its like. */
export function postVerb(verb: Verb): (context: ApiContext, exchange: ApiExchange) => Promise<void> {
  return async (context, exchange) => {
    const entry = sandboxOf(context, exchange);
    await changePhase(exchange.op, context.parts, entry, verb);
    const notices = verb === 'start' ? { notices: [...entry.notices] } : {};
    sendJson(exchange, 200, { ...sandboxDocument(context, entry), ...notices });
  };
}

function hasLabels({ row }: SandboxEntry, wanted: readonly string[]): boolean {
  return wanted.every((label) => {
    const [key = '', ...value] = label.split('=');
    return row.labels[key] === value.join('=');
  });
}
