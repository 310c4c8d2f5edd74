import { userCalls } from '@bhatti/client/user.ts';
import type { Command } from 'commander';

import { parseNumber } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';

interface Options {
  readonly name: string;
  readonly maxSandboxes: number;
  readonly maxCpus: number;
  readonly maxMemory: number;
}

export function define(command: Command, context: CommandContext): void {
  command
    .requiredOption('--name <name>', 'letters, digits, ".", "_", "-"')
    .option('--max-sandboxes <n>', 'sandboxes at a time', parseNumber('--max-sandboxes'), 5)
    .option('--max-cpus <n>', 'cores of one sandbox', parseNumber('--max-cpus'), 4)
    .option('--max-memory <mb>', 'memory of one sandbox', parseNumber('--max-memory'), 4096)
    .action(async ({ name, maxSandboxes, maxCpus, maxMemory }: Options) => {
      const user = await userCalls(await connectTo(context.options)).create(wholeProcess, {
        name,
        max_sandboxes: maxSandboxes,
        max_cpus: maxCpus,
        max_memory_mb: maxMemory,
      });
      if (context.options.json) return printJson(user);
      await printLine(user.api_key);
      await noteLine(`user "${user.name}" created; the key above is shown only this once`);
    });
}
