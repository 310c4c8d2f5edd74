import { execCalls } from '@bhatti/client/exec.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { formatTable } from '../table.ts';

export function define(command: Command, context: CommandContext): void {
  command.argument('<name>', 'name or id').action(async (name: string) => {
    const sessions = await execCalls(await connectTo(context.options)).sessions(wholeProcess, name);
    if (context.options.json)
      return printJson(
        sessions.map((session) => ({
          session_id: session.sessionId,
          argv: session.argv.join(' '),
          running: session.running,
          attached: session.attached,
        })),
      );
    const rows = sessions.map((session) => [
      session.sessionId,
      session.argv.join(' '),
      String(session.running),
      String(session.attached),
    ]);
    await printLine(
      formatTable(
        [
          { title: 'ID', width: 10 },
          { title: 'COMMAND', width: 40 },
          { title: 'RUNNING', width: 8 },
          { title: 'ATTACHED', width: 8 },
        ],
        rows,
      ),
    );
  });
}
