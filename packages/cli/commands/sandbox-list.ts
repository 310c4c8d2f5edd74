import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { Sandbox } from '@bhatti/wire/control/sandbox.ts';
import type { Command } from 'commander';

import { collect, invalid, parseLabels } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';
import { formatTable, type Column } from '../table.ts';

interface Options {
  readonly output?: string;
  readonly label?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  command
    .option('-o, --output <form>', 'wide: with sizes, image and labels')
    .option('--label <k=v>', 'only those with this label; may be repeated', collect)
    .action(async (options: Options) => {
      if (options.output !== undefined && options.output !== 'wide')
        throw invalid('--output', options.output, 'it must be "wide"');
      const api = await connectTo(context.options);
      const sandboxes = await sandboxCalls(api).list(wholeProcess, parseLabels(options.label ?? []));
      if (context.options.json) return printJson(sandboxes.map(shown));
      await printLine(options.output === 'wide' ? formatWide(sandboxes) : formatNarrow(sandboxes));
      if (sandboxes.length === 0) await noteLine('no sandboxes; make one with "bhatti create --name NAME"');
    });
}

const narrow: readonly Column[] = [
  { title: 'NAME', width: 20 },
  { title: 'STATUS', width: 10 },
  { title: 'THERMAL', width: 8 },
  { title: 'IP', width: 16 },
];
const wide: readonly Column[] = [
  ...narrow,
  { title: 'CPUS', width: 6 },
  { title: 'MEMORY', width: 8 },
  { title: 'DISK', width: 8 },
  { title: 'IMAGE', width: 12 },
  { title: 'LABELS', width: 0 },
];

export function formatNarrow(sandboxes: readonly Sandbox[]): string {
  const hasUrls = sandboxes.some(({ urls }) => urls.length > 0);
  return formatTable(
    hasUrls ? [...narrow, { title: 'URL', width: 0 }] : narrow,
    sandboxes.map((sandbox) => [...cells(sandbox), sandbox.urls.join(' ')]),
  );
}

export function formatWide(sandboxes: readonly Sandbox[]): string {
  return formatTable(
    wide,
    sandboxes.map((sandbox) => [
      ...cells(sandbox),
      String(sandbox.cpus),
      String(sandbox.memory_mb),
      String(sandbox.disk_size_mb),
      sandbox.image,
      Object.entries(sandbox.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    ]),
  );
}

function cells({ name, status, thermal, ip }: Sandbox): string[] {
  return [name, status, thermal ?? '-', ip ?? '-'];
}

function shown(sandbox: Sandbox) {
  const { id, name, status, thermal, ip, urls, cpus, memory_mb, disk_size_mb, image, labels } = sandbox;
  return { id, name, status, thermal, ip, urls, cpus, memory_mb, disk_size_mb, image, labels };
}
