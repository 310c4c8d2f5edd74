import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { confirm } from '../confirm.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      if (options.yes !== true)
        await confirm(`Destroy sandbox "${name}" and all that is in it?`, `bhatti destroy ${name} -y`);
      await sandboxCalls(await connectTo(context.options)).destroy(wholeProcess, name);
      if (context.options.json) await printJson({ status: 'destroyed' });
      else await printLine(`sandbox/${name} destroyed`);
    });
}
