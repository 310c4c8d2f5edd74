import { publishCalls } from '@bhatti/client/publish.ts';
import type { Command } from 'commander';

import { parseNumber } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .requiredOption('-p, --port <port>', 'port inside the sandbox', parseNumber('--port'))
    .action(async (name: string, { port }: { port: number }) => {
      await publishCalls(await connectTo(context.options)).delete(wholeProcess, name, port);
      if (!context.options.json) await printLine(`Unpublished port ${port}`);
    });
}
