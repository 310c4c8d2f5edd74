import type { Api } from '@bhatti/client/api.ts';
import { execCalls } from '@bhatti/client/exec.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import type { Sandbox } from '@bhatti/wire/control/sandbox.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { formatFields } from '../table.ts';

export function define(command: Command, context: CommandContext): void {
  command.argument('<name>', 'name or id').action(async (name: string) => {
    const api = await connectTo(context.options);
    const sandbox = await sandboxCalls(api).get(wholeProcess, name);
    if (context.options.json) return printJson(sandbox);
    // A sleeping sandbox is not woken for a look.
    const disk = sandbox.status === 'running' && sandbox.thermal === 'hot' ? await diskUse(api, name) : undefined;
    await printLine(formatSandbox(sandbox, disk));
  });
}

export function formatSandbox(sandbox: Sandbox, disk: DiskUse | undefined): string {
  const labels = Object.entries(sandbox.labels).map(([key, value]) => `${key}=${value}`);
  const fields: (readonly [string, string])[] = [
    ['Name', sandbox.name],
    ['ID', sandbox.id],
    ['Status', sandbox.failure === undefined ? sandbox.status : `${sandbox.status} (${sandbox.failure})`],
    ['Thermal', sandbox.thermal ?? '-'],
    ['Image', sandbox.image],
    ['Engine', sandbox.engine],
    ['Owner', sandbox.created_by],
    ['Created', sandbox.created_at],
    ...(sandbox.stopped_at === undefined ? [] : [['Stopped', sandbox.stopped_at] as const]),
    ...(labels.length === 0 ? [] : [['Labels', labels.join(', ')] as const]),
    ['Keep hot', sandbox.keep_hot ? 'yes' : 'no'],
  ];
  const used = disk === undefined ? '' : ` (${disk.usedMb} MB used, ${disk.freeMb} MB free)`;
  return [
    formatFields(fields),
    'Resources:',
    formatFields(
      [
        ['CPUs', String(sandbox.cpus)],
        ['Memory', `${sandbox.memory_mb} MB`],
        ['Disk', `${sandbox.disk_size_mb} MB${used}`],
      ],
      '  ',
    ),
    'Network:',
    formatFields([['IP', sandbox.ip ?? '-'], ...sandbox.urls.map((url) => ['URL', url] as const)], '  '),
  ].join('\n');
}

interface DiskUse {
  readonly usedMb: number;
  readonly freeMb: number;
}

async function diskUse(api: Api, name: string): Promise<DiskUse | undefined> {
  try {
    const result = await execCalls(api).run(wholeProcess, name, { argv: ['df', '-m', '/'], timeoutMs: 5_000 });
    const [, , used, free] = new TextDecoder().decode(result.stdout).trim().split('\n').at(-1)?.split(/\s+/) ?? [];
    return used === undefined || free === undefined ? undefined : { usedMb: Number(used), freeMb: Number(free) };
  } catch (error) {
    // A guest that does not answer is shown without these two numbers; it is then worth an inspection all the more.
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}
