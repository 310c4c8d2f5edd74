import { PublishRequestSchema } from '@bhatti/wire/control/publish.ts';
import { listPorts } from '../agent-link/observe.ts';
import { viewRule } from '../publish/rules.ts';
import { urlOf } from '../publish/url.ts';
import { sandboxOf, withSandbox, type ApiContext } from './context.ts';
import { portParam, readBody, sendJson, sendNothing, type ApiExchange } from './exchange.ts';

export async function listRules(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const rules = context.parts.rules.of(sandboxOf(context, exchange).row.id);
  sendJson(
    exchange,
    200,
    rules.map((rule) => viewRule(rule, context.zone)),
  );
}

export async function postRule(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const request = await readBody(exchange, PublishRequestSchema, 'publish request');
  // Looked up after the body has come: the sandbox may have gone meanwhile.
  const { row } = sandboxOf(context, exchange);
  const { rule, isExisting } = context.parts.rules.publish(row, request, context.parts.now());
  const document = viewRule(rule, context.zone);
  sendJson(exchange, isExisting ? 200 : 201, document, isExisting ? { 'x-bhatti-existing': 'true' } : {});
}

export async function deleteRule(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { row } = sandboxOf(context, exchange);
  context.parts.rules.unpublish(row, portParam(exchange.params['port']));
  sendNothing(exchange);
}

/** Ports that something listens on, with the URL of those that are published. */
export async function getPorts(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { rules } = context.parts;
  const id = sandboxOf(context, exchange).row.id;
  const ports = await withSandbox(context, exchange, (entry) => listPorts(exchange.op, entry.link));
  const published = new Map(rules.of(id).map((rule) => [rule.port, urlOf(context.zone, rule.alias)]));
  sendJson(
    exchange,
    200,
    ports.map((port) => ({
      container_port: port,
      ...(published.has(port) ? { proxy_url: published.get(port) } : {}),
    })),
  );
}
