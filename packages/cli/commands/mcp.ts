import type { McpListening } from '@bhatti/mcp/main.ts';
import type { Command } from 'commander';

import { collect } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';

interface McpOptions {
  readonly allow?: readonly string[];
  readonly sandbox?: readonly string[];
  readonly space?: string;
  readonly http?: string;
  readonly httpToken?: string;
  readonly httpName?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  command
    .description('serve sandboxes to AI models by the Model Context Protocol, on standard input and output or by HTTP')
    .option('--allow <scopes>', 'comma list of see, act, exec, files, publish, manage', collect)
    .option('--sandbox <name>', 'only this sandbox; may be repeated', collect)
    .option('--space <WxH>', 'size of the pictures that points are meant in; default: of the screen')
    .option('--http <[host:]port>', 'streamable HTTP at /mcp; host 127.0.0.1 unless named')
    .option('--http-token <token>', 'that clients must send (BHATTI_MCP_TOKEN); default: one is made up and printed')
    .option('--http-name <name>', 'a host name that clients call it by; may be repeated', collect)
    .addHelpText(
      'after',
      `
Without --allow and --sandbox a client may do everything, but only to sandboxes that were created through it.
--sandbox alone: everything but manage, in that sandbox. --allow alone: these scopes, in every sandbox.

  bhatti mcp --sandbox desk
  bhatti mcp --allow see,act --sandbox desk --http 8931`,
    )
    .action(async (options: McpOptions) => {
      const { serveMcp } = await import('@bhatti/mcp/main.ts');
      const { http, httpName = [] } = options;
      await serveMcp({
        api: await connectTo(context.options),
        allow: options.allow,
        sandboxes: options.sandbox,
        space: options.space,
        http:
          http === undefined
            ? undefined
            : {
                address: http,
                names: httpName,
                token: options.httpToken ?? process.env['BHATTI_MCP_TOKEN'],
                onListening: (listening) => sayListening(listening, context.options.json),
              },
      });
      // WHY: a request to the daemon that was just given up may hold the process for a while.
      process.exit(0);
    });
}

async function sayListening({ url, token, isGenerated, isExposed }: McpListening, json: boolean): Promise<void> {
  if (json) await printJson({ url, ...(isGenerated ? { token } : {}) });
  else await printLine(`MCP at ${url}${isGenerated ? `\ntoken: ${token}` : ''}`);
  if (isExposed) await noteLine('warning: the token and all that is said travel in the clear; use TLS in front of it');
}
