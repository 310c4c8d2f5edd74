import { toCodedError } from '@bhatti/base/errors.ts';
import { ExecRequestSchema, type ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { once } from 'node:events';
import { runExec, streamExec } from '../agent-link/exec.ts';
import { listSessions } from '../agent-link/observe.ts';
import { passUpgrade } from '../relay/upgrade.ts';
import { endToEnd } from '../relay/headers.ts';
import type { SandboxEntry } from '../sandbox/entry.ts';
import { execDetachedDocument, execDocument, execReplyDocument, sessionDocument } from './compat.ts';
import { withSandbox, type ApiContext } from './context.ts';
import { commonHeaders, readJsonBody, sendJson, type ApiExchange, type UpgradeExchange } from './exchange.ts';

export async function postExec(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const document = execDocument(await readJsonBody(exchange, 'exec request'));
  const request = decodeRequest(ExecRequestSchema, document, 'exec request');
  await withSandbox(context, exchange, async (entry) => {
    const wantsStream = exchange.asked.headers.accept?.includes('application/x-ndjson') === true;
    if (wantsStream && request.detach !== true) return streamLines(exchange, entry, request);
    const reply = await runExec(exchange.op, entry.link, request);
    sendJson(exchange, 200, 'detached' in reply ? execDetachedDocument(reply) : execReplyDocument(reply));
  });
}

/** The agent's own stream, byte for byte: what is said on it is between the client and lohar. */
export async function upgradeExec(context: ApiContext, exchange: UpgradeExchange): Promise<void> {
  await withSandbox(context, exchange, async (entry) => {
    const session = exchange.query.get('session');
    await passUpgrade(exchange.upgrade, {
      fresh: entry.link.agentPools.fresh,
      path: session === null ? '/exec' : `/exec?session=${encodeURIComponent(session)}`,
      headers: endToEnd(exchange.asked.rawHeaders, ['authorization', 'cookie', 'origin']),
    });
  });
}

export async function getSessions(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const sessions = await withSandbox(context, exchange, (entry) => listSessions(exchange.op, entry.link));
  sendJson(exchange, 200, sessions.map(sessionDocument));
}

/** One JSON document a line, as output comes. `data` never splits a character; `data_base64` is what was written, exactly. An error ends the stream with a line of its own. */
async function streamLines(exchange: ApiExchange, entry: SandboxEntry, request: ExecRequest): Promise<void> {
  const { op, reply } = exchange;
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const send = async (line: object) => {
    if (!reply.write(`${JSON.stringify(line)}\n`)) await once(reply, 'drain', { signal: op.signal });
  };
  const begin = () => {
    if (!reply.headersSent) reply.writeHead(200, { 'content-type': 'application/x-ndjson', ...commonHeaders });
    reply.flushHeaders();
  };
  try {
    for await (const event of streamExec(op, entry.link, request)) {
      begin();
      if (event.type === 'exit') await send({ ...event, exit_code: event.exitCode });
      else
        await send({
          type: event.type,
          data: decoders[event.type].decode(event.bytes, { stream: true }),
          data_base64: Buffer.from(event.bytes).toString('base64'),
        });
    }
  } catch (error) {
    // Before the first line the status can still say it.
    if (!reply.headersSent) throw error;
    const coded = toCodedError(error);
    await send({ type: 'error', data: coded.message, code: coded.code, message: coded.message });
  }
  reply.end();
}
