import { userCalls } from '@bhatti/client/user.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { confirm } from '../confirm.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'user')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      if (options.yes !== true)
        await confirm(`Delete user "${name}" and the API key?`, `bhatti user delete ${name} -y`);
      await userCalls(await connectTo(context.options)).delete(wholeProcess, name);
      if (context.options.json) await printJson({ status: 'deleted' });
      else await printLine(`user/${name} deleted`);
    });
}
