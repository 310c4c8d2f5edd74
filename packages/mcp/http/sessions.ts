import { CodedError } from '@bhatti/base/errors.ts';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';

import { maxMessageBytes } from '../limits.ts';
import { createServer, type McpServer } from '../server.ts';
import type { Tool, ToolContext } from '../tool.ts';

const maxSessions = 64; // of one person's clients; each costs some KB

interface Session {
  readonly mcp: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
}

/**
 * The clients of an HTTP server. Each has a server of its own, since a call is cancelled by another request than the one that made it. Clients tend to go without a word, so the
 * one that was silent longest makes room for a new one.
 */
export class Sessions implements AsyncDisposable {
  readonly #context: ToolContext;
  readonly #tools: ReadonlyMap<string, Tool>;
  /** In order of use. */
  readonly #open = new Map<string, Session>();

  constructor(context: ToolContext, tools: ReadonlyMap<string, Tool>) {
    this.#context = context;
    this.#tools = tools;
  }

  async answer(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) return this.#begin(request);
    const session = this.#open.get(id);
    // As the protocol wants it: the client then begins anew.
    if (session === undefined) return notFound();
    this.#open.delete(id);
    this.#open.set(id, session);
    return session.transport.handleRequest(request);
  }

  async #begin(request: Request): Promise<Response> {
    await this.#makeRoom();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void this.#open.set(id, session),
      maxRequestBodySize: maxMessageBytes,
    });
    const mcp = createServer({
      context: this.#context,
      tools: this.#tools,
      // No reply ends the stream of a cancelled call.
      onCancelled: (callId) => transport.closeSSEStream(callId),
    });
    const session: Session = { mcp, transport };
    mcp.server.onclose = () => this.#forget(session);
    await mcp.server.connect(transport);
    const response = await transport.handleRequest(request);
    // It did not begin with `initialize`, and has its refusal.
    if (transport.sessionId === undefined) await mcp.server.close();
    return response;
  }

  #forget(session: Session): void {
    const id = session.transport.sessionId;
    if (id !== undefined) this.#open.delete(id);
  }

  async #makeRoom(): Promise<void> {
    if (this.#open.size < maxSessions) return;
    const idle = [...this.#open.values()].find(({ mcp }) => mcp.running() === 0);
    if (idle === undefined)
      throw new CodedError('QUOTA_EXCEEDED', `cannot serve more than ${maxSessions} clients at once`, {
        what: 'clients',
        limit: maxSessions,
      });
    await idle.mcp.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { mcp } of this.#open.values()) await mcp.server.close();
  }
}

function notFound(): Response {
  const error = { code: -32001, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 });
}
