import { createServer } from '../server.ts';
import type { ToolContext } from '../tool.ts';
import { toolsOf } from '../tool-table.ts';
import { untilSignal } from '../until-signal.ts';
import { StdioTransport } from './transport.ts';

/** Serves the client that started this process, until it goes away or a signal comes. */
export async function serveStdio(context: ToolContext): Promise<void> {
  const transport = new StdioTransport();
  const { server } = createServer({ context, tools: toolsOf(context) });
  const signal = untilSignal();
  await server.connect(transport);
  await Promise.race([transport.closed, signal]);
  await server.close();
}
