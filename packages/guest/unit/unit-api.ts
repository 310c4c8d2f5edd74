import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import type { UnixServerOptions } from '@bhatti/sys/http/unix-server.ts';
import { RunRequestSchema, type RunRequest } from '@bhatti/wire/agent/run.ts';
import { UnitRequestSchema } from '@bhatti/wire/agent/unit.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { VerbContext } from '../systemctl/reply.ts';
import { runTransient } from './run-transient.ts';
import { runVerb } from '../systemctl/verbs.ts';

export type UnitApi = VerbContext;

const maxRequestBytes = 65_536; // names and options of one command line

/** The funnel of the two sockets that systemctl and journalctl use. Who may connect is the socket file's matter: its mode is what polkit's rule would be. */
export function unitServer(
  api: UnitApi,
  rights: 'read' | 'change',
): Pick<UnixServerOptions, 'answer' | 'maxBodyBytes' | 'maxMessageBytes'> {
  return {
    maxBodyBytes: maxRequestBytes,
    maxMessageBytes: maxRequestBytes,
    async answer(request) {
      try {
        return await answerUnits(api, request, rights);
      } catch (error) {
        const coded = toCodedError(error);
        if (coded.code === 'INTERNAL') console.error(error);
        return Response.json(encodeError(coded), { status: coded.spec.http });
      }
    },
  };
}

/** The same requests on any server. The journal is read from its files; what is asked of lohar is to write down what it has, or to begin new ones. */
export async function answerUnits(api: UnitApi, request: Request, rights: 'read' | 'change'): Promise<Response> {
  const { pathname } = new URL(request.url);
  const value = parseJson(await request.text());
  switch (`${request.method} ${pathname}`) {
    case 'POST /units':
      return Response.json(await runVerb(api, decodeRequest(UnitRequestSchema, value, 'unit request'), rights));
    case 'POST /run':
      if (rights === 'read') throw new CodedError('FORBIDDEN', 'cannot run a unit', { reason: 'permission denied' });
      return answerRun(api, decodeRequest(RunRequestSchema, value, 'run request'));
    case 'POST /journal/flush':
      await api.journal.flush();
      return new Response(null, { status: 204 });
    case 'POST /journal/rotate':
      if (rights === 'read')
        throw new CodedError('FORBIDDEN', 'cannot rotate the journal', { reason: 'permission denied' });
      await api.journal.rotate();
      return new Response(null, { status: 204 });
    default:
      throw new CodedError('NOT_FOUND', `nothing is at "${pathname}"`, { path: pathname });
  }
}

/** A document a line, each as soon as there is one. */
function answerRun({ manager }: UnitApi, request: RunRequest): Response {
  const messages = runTransient(manager, request);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await messages.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
    },
  });
  return new Response(stream, { headers: { 'Content-Type': 'application/x-ndjson' } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CodedError('INVALID_ARGUMENT', 'invalid request: not JSON', { argument: '' });
  }
}
