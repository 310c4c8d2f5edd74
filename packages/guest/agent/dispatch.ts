import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { UnixServerOptions } from '@bhatti/sys/http/unix-server.ts';
import { BootRequestSchema } from '@bhatti/wire/agent/boot.ts';
import { ExecRequestSchema } from '@bhatti/wire/agent/exec.ts';
import { firstMessageHeader, firstMessageTaken, tryDecodeFirstMessage } from '@bhatti/wire/agent/first-message.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { decodeRequest, type AnySchema, type Of } from '@bhatti/wire/schema.ts';
import { answerDesktop, hasViewers } from './desktop.ts';
import { runExec } from './exec.ts';
import { openExecStream, type StreamContext } from './exec-stream.ts';
import { answerFiles } from './files.ts';
import type { Boot } from './boot-sequence.ts';
import { answerUnits, type UnitApi } from '../unit/unit-api.ts';
import { listeningPorts } from './ports.ts';

const maxBodyBytes = Number.MAX_SAFE_INTEGER; // of a file; documents have their own limit
const maxDocumentBytes = 64 * 1024 * 1024; // files of a boot request and standard input travel in documents
const maxMessageBytes = 1024 * 1024; // four input windows

export interface AgentContext extends StreamContext {
  readonly boot: Boot;
  readonly units: UnitApi;
}

/** The funnel of the agent API: routes, errors as WireError documents. */
export function agentServer(
  context: AgentContext,
): Pick<UnixServerOptions, 'answer' | 'maxBodyBytes' | 'maxMessageBytes'> {
  return {
    maxBodyBytes,
    maxMessageBytes,
    async answer(request, upgrade) {
      context.activity.onWork();
      const url = new URL(request.url);
      try {
        if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') {
          if (url.pathname !== '/exec') throw notFound(url.pathname);
          const session = url.searchParams.get('session') ?? undefined;
          const first = tryDecodeFirstMessage(request.headers.get(firstMessageHeader));
          const answer = first === undefined ? {} : { [firstMessageHeader]: firstMessageTaken };
          if (upgrade(openExecStream(context, session, first), answer)) return undefined;
        }
        return await route(context, request, url);
      } catch (error) {
        return errorResponse(error);
      }
    },
  };
}

async function route(context: AgentContext, request: Request, url: URL): Promise<Response> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /hello':
      return Response.json(context.boot.hello());
    case 'PUT /boot':
      await context.boot.run(await readDocument(BootRequestSchema, request, 'boot request'));
      return new Response(null, { status: 204 });
    case 'POST /exec':
      return Response.json(
        await runExec(context, await readDocument(ExecRequestSchema, request, 'exec request'), request.signal),
      );
    case 'GET /sessions':
      return Response.json(context.sessions.list());
    case 'GET /ports':
      return Response.json(listeningPorts());
    case 'GET /activity':
      return Response.json({
        busy: context.activity.isBusy() || (await hasViewers()),
        sessions: context.sessions.list().length,
      });
    case 'GET /desktop':
      return answerDesktop(url, request.signal);
    case 'POST /units':
      return answerUnits(context.units, request, 'change');
    default:
      if (url.pathname === '/files') return answerFiles(request, url);
      throw notFound(url.pathname);
  }
}

async function readDocument<S extends AnySchema>(schema: S, request: Request, what: string): Promise<Of<S>> {
  const text = await request.text();
  if (text.length > maxDocumentBytes)
    throw new CodedError('MESSAGE_TOO_LARGE', `${what} is too large`, { limitBytes: maxDocumentBytes });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CodedError('INVALID_ARGUMENT', `invalid ${what}: not JSON`, { argument: '' }, { cause: error });
  }
  return decodeRequest(schema, value, what);
}

function notFound(path: string): CodedError {
  return new CodedError('NOT_FOUND', `nothing is at "${path}"`, { path });
}

function errorResponse(thrown: unknown): Response {
  const error = toCodedError(thrown);
  if (error.code === 'INTERNAL') {
    announce('agent:error', { error: error.message });
    console.error(error.cause instanceof Error ? error.cause.stack : error.stack);
  }
  return Response.json(encodeError(error), { status: error.spec.http });
}
