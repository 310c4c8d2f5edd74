import { fileCalls } from '@bhatti/client/files.ts';
import { inputStream } from '@bhatti/sys/terminal/stdio.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id of the sandbox')
    .argument('<path>', 'absolute path of the file')
    .option('--mode <mode>', 'permission bits in octal, e.g. 0755')
    .action(async (name: string, path: string, { mode }: { mode?: string }) => {
      const files = fileCalls(await connectTo(context.options));
      await files.write(wholeProcess, name, path, inputStream(), mode);
      if (context.options.json) await printJson({ status: 'ok' });
      else await printLine('ok');
    });
}
