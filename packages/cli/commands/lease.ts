import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { desktopCalls } from '@bhatti/client/desktop.ts';
import type { Lease, LeaseRequest } from '@bhatti/wire/display/lease.ts';
import type { Command } from 'commander';

import { parseNumber } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';

interface Options {
  readonly helpMessage?: string;
  readonly withdraw?: boolean;
  readonly hold?: number;
  readonly return?: boolean;
  readonly wait?: number;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .option('--help-message <text>', 'ask people for help with this message, up to 1000 characters')
    .option('--withdraw', 'help is not needed any more')
    .option('--hold <seconds>', 'keep the input for the agent for so long, up to an hour', parseNumber('--hold'))
    .option('--return', 'the agent gives the input up')
    .option('--wait <seconds>', 'wait until no person has the input', parseNumber('--wait'))
    .action(async (name: string, options: Options) => {
      const requests = requestsOf(options);
      if (requests.length + (options.wait === undefined ? 0 : 1) > 1) {
        throw new CodedError('USAGE', 'lease takes one option at a time', { command: 'lease' });
      }
      const desktop = desktopCalls(await connectTo(context.options));
      const [request] = requests;
      const lease =
        request === undefined
          ? await (options.wait === undefined
              ? desktop.lease(wholeProcess, name)
              : desktop.waitFree(wholeProcess, name, Math.round(options.wait * 1000)))
          : await desktop.askLease(wholeProcess, name, request);
      if (options.wait !== undefined && lease.holder.kind === 'person') throw stillHeld(name, options.wait);
      if (context.options.json) return printJson(lease);
      await printLine(describe(lease));
    });
}

function requestsOf(options: Options): LeaseRequest[] {
  const { helpMessage, withdraw, hold } = options;
  return [
    ...(helpMessage === undefined ? [] : [{ op: 'help', message: helpMessage } as const]),
    ...(withdraw === true ? [{ op: 'withdraw' } as const] : []),
    ...(hold === undefined ? [] : [{ op: 'hold', ms: Math.round(hold * 1000) } as const]),
    ...(options.return === true ? [{ op: 'return' } as const] : []),
  ];
}

/** Names and messages come from inside the sandbox. */
function describe({ holder, help }: Lease): string {
  const asked = help === undefined ? '' : `\nhelp asked: ${plainLine(help.message, 1_000)}`;
  if (holder.kind !== 'person') return `${holder.kind === 'agent' ? 'an agent' : 'nobody'} has the input${asked}`;
  const user = holder.user === '' ? '' : `, "${plainLine(holder.user, 100)}",`;
  return `a person${user} has the input${holder.isPrivate ? ', in private' : ''}${asked}`;
}

function stillHeld(name: string, seconds: number): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', `timed out after ${seconds} s: a person has the input of "${name}"`, {
    afterMs: seconds * 1000,
  });
}
