import { fileCalls } from '@bhatti/client/files.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printBytes } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id of the sandbox')
    .argument('<path>', 'absolute path of the file')
    .action(async (name: string, path: string) => {
      const content = await fileCalls(await connectTo(context.options)).read(wholeProcess, name, path);
      for await (const chunk of content.chunks) await printBytes(chunk);
    });
}
