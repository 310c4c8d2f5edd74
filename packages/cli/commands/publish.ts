import { publishCalls } from '@bhatti/client/publish.ts';
import type { Command } from 'commander';

import { parseNumber } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { tunnelLine } from '../tunnel.ts';

interface Options {
  readonly port: number;
  readonly alias?: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .requiredOption('-p, --port <port>', 'port inside the sandbox; the desktop is 6080', parseNumber('--port'))
    .option('-a, --alias <alias>', 'first label of the host name; default: made from the name')
    .action(async (name: string, { port, alias }: Options) => {
      const request = alias === undefined ? { port } : { port, alias };
      const rule = await publishCalls(await connectTo(context.options)).create(wholeProcess, name, request);
      if (context.options.json) return printJson(rule);
      await printLine(`Published: ${rule.url}`);
      const tunnel = tunnelLine(rule, process.env);
      if (tunnel !== undefined) await printLine(`Tunnel:    ${tunnel}`);
    });
}
