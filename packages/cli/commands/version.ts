import { hasCode } from '@bhatti/base/errors.ts';
import { VERSION } from '@bhatti/base/version.ts';
import { healthCalls } from '@bhatti/client/health.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, findDaemon, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

export function define(command: Command, context: CommandContext): void {
  command.action(async () => {
    const address = await findDaemon(context.options);
    const api = address.kind === 'socket' ? address.path : address.url.origin;
    const server = await serverVersion(context);
    if (context.options.json) return printJson({ version: VERSION, api, server_version: server ?? null });
    await printLine(`bhatti ${VERSION}\napi: ${api}\nserver: ${server ?? 'not running'}`);
  });
}

async function serverVersion(context: CommandContext): Promise<string | undefined> {
  try {
    return (await healthCalls(await connectTo(context.options)).get(wholeProcess)).version;
  } catch (error) {
    if (hasCode(error, 'DAEMON_UNREACHABLE')) return undefined; // a version is asked for also where none runs
    throw error;
  }
}
