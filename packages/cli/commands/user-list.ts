import { userCalls } from '@bhatti/client/user.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { formatTable } from '../table.ts';

export function define(command: Command, context: CommandContext): void {
  command.action(async () => {
    const users = await userCalls(await connectTo(context.options)).list(wholeProcess);
    if (context.options.json) return printJson(users);
    const rows = users.map((user) => [
      user.name,
      String(user.max_sandboxes),
      String(user.max_cpus),
      `${user.max_memory_mb} MB`,
      user.created_at.slice(0, 10),
    ]);
    await printLine(
      formatTable(
        [
          { title: 'NAME', width: 20 },
          { title: 'SANDBOXES', width: 10 },
          { title: 'CPUS', width: 6 },
          { title: 'MEMORY', width: 10 },
          { title: 'CREATED', width: 0 },
        ],
        rows,
      ),
    );
  });
}
