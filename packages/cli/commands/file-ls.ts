import { fileCalls } from '@bhatti/client/files.ts';
import type { FileEntry } from '@bhatti/wire/agent/files.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id of the sandbox')
    .argument('[path]', 'absolute path of the directory', '/workspace')
    .action(async (name: string, path: string) => {
      const entries = await fileCalls(await connectTo(context.options)).list(wholeProcess, name, path);
      if (context.options.json) return printJson(entries);
      if (entries.length > 0) await printLine(entries.map(formatEntry).join('\n'));
    });
}

/** As the original prints it: `d0755     4096 name`. */
export function formatEntry({ is_dir, mode, size, name }: FileEntry): string {
  return `${is_dir ? 'd' : '-'}${mode} ${String(size).padStart(8)} ${name}`;
}
