import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command.argument('<name>', 'name or id').action(async (name: string) => {
    const sandbox = await sandboxCalls(await connectTo(context.options)).stop(wholeProcess, name);
    if (context.options.json) return printJson(sandbox);
    await printLine(`sandbox/${sandbox.name} stopped`);
    for (const notice of sandbox.notices ?? []) await noteLine(`note: ${notice}`);
  });
}
