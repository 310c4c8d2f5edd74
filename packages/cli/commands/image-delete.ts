import { imageCalls } from '@bhatti/client/image.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'image')
    .option('-y, --yes', 'accepted for scripts: nothing is asked, since an image can be built again')
    .action(async (name: string) => {
      await imageCalls(await connectTo(context.options)).delete(wholeProcess, name);
      if (context.options.json) await printJson({ status: 'deleted' });
      else await printLine(`image/${name} deleted`);
    });
}
