import { plainLine } from '@bhatti/base/bytes.ts';
import { toCodedError } from '@bhatti/base/errors.ts';
import { VERSION } from '@bhatti/base/version.ts';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';

import { instructionsFor } from './instructions.ts';
import { errorResult } from './result.ts';
import type { Tool, ToolContext } from './tool.ts';

export interface McpServer {
  /** To be connected to a transport. */
  readonly server: Server;
  /** Calls that have not ended. */
  running(): number;
}

export interface McpServerOptions {
  readonly context: ToolContext;
  readonly tools: ReadonlyMap<string, Tool>;
  /** A call was cancelled: nobody waits for its result any more, and none is sent. */
  readonly onCancelled?: (id: RequestId) => void;
}

/**
 * The server of one client: the one funnel that every call passes. Built on the low-level server of the SDK, since the high-level one wants its tools described by zod, and checks
 * arguments by it; ours stand in valibot, next to what they describe.
 */
export function createServer({ context, tools, onCancelled }: McpServerOptions): McpServer {
  let running = 0;
  const server = new Server(
    { name: 'bhatti', title: 'bhatti', version: VERSION },
    { capabilities: { tools: {} }, instructions: instructionsFor(context), jsonSchemaValidator: noElicitation },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(listed) }));
  // In place of a handler of the SDK's own kind, which answers params that are none with "internal error" and a page of text.
  server.fallbackRequestHandler = async (request, { signal, requestId }) => {
    const { name, args } = calledTool(request);
    const tool = tools.get(name);
    // One that the scopes leave out is as unknown as one that never was.
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `unknown tool "${plainLine(name, 100)}"`);
    signal.addEventListener('abort', () => onCancelled?.(requestId), { once: true });
    running += 1;
    try {
      return await callTool(tool, signal, args);
    } finally {
      running -= 1;
    }
  };
  return { server, running: () => running };
}

function calledTool(request: JSONRPCRequest): { readonly name: string; readonly args: unknown } {
  if (request.method !== 'tools/call') throw new McpError(ErrorCode.MethodNotFound, 'method not found');
  const call = CallToolRequestSchema.safeParse(request);
  if (call.success) return { name: call.data.params.name, args: call.data.params.arguments ?? {} };
  const field = call.error.issues[0]?.path.join('.') ?? '';
  throw new McpError(ErrorCode.InvalidParams, `invalid tools/call request: "${plainLine(field, 100)}"`);
}

/** What goes wrong with a call is its result, so that the model reads it; also where its arguments are wrong, which it can put right. */
async function callTool(tool: Tool, signal: AbortSignal, args: unknown): Promise<CallToolResult> {
  try {
    return await tool.call({ signal }, args);
  } catch (thrown) {
    const error = toCodedError(thrown);
    if (error.code === 'INTERNAL' && !signal.aborted) console.error(`${tool.name}:`, thrown);
    return errorResult(error);
  }
}

function listed({ name, title, description, annotations, inputSchema }: Tool) {
  return { name, title, description, annotations, inputSchema };
}

/** The SDK would load a validator for the answers of people, whom this server never asks. */
const noElicitation = {
  getValidator: () => {
    throw new Error('nothing is elicited here');
  },
};
