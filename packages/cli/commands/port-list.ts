import { portCalls } from '@bhatti/client/port.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { formatTable } from '../table.ts';

export function define(command: Command, context: CommandContext): void {
  command.argument('<name>', 'name or id').action(async (name: string) => {
    const ports = await portCalls(await connectTo(context.options)).list(wholeProcess, name);
    if (context.options.json) return printJson(ports);
    if (ports.length === 0) return printLine('No listening ports detected.');
    const rows = ports.map(({ container_port, proxy_url }) => [String(container_port), proxy_url ?? '-']);
    await printLine(
      formatTable(
        [
          { title: 'PORT', width: 8 },
          { title: 'URL', width: 0 },
        ],
        rows,
      ),
    );
  });
}
