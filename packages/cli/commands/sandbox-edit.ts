import { CodedError } from '@bhatti/base/errors.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { EditRequest } from '@bhatti/wire/control/sandbox.ts';
import type { Command } from 'commander';

import { collect, parseLabels } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { formatFields } from '../table.ts';

interface Options {
  readonly name?: string;
  readonly keepHot?: boolean;
  readonly allowCold?: boolean;
  readonly label?: readonly string[];
  readonly labelDelete?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .option('--name <name>', 'new name')
    .option('--keep-hot', 'never pause it by itself')
    .option('--allow-cold', 'take --keep-hot back')
    .option('--label <k=v>', 'add or change; may be repeated', collect)
    .option('--label-delete <k>', 'may be repeated', collect)
    .action(async (name: string, options: Options) => {
      const change = changeOf(options);
      const sandbox = await sandboxCalls(await connectTo(context.options)).edit(wholeProcess, name, change);
      if (context.options.json) return printJson(sandbox);
      const labels = Object.entries(sandbox.labels).map(([key, value]) => `${key}=${value}`);
      await printLine(
        `Updated ${sandbox.name}\n${formatFields(
          [
            ['Keep hot', sandbox.keep_hot ? 'yes' : 'no'],
            ['Labels', labels.join(', ') || '-'],
          ],
          '  ',
        )}`,
      );
    });
}

function changeOf(options: Options): EditRequest {
  const { name, keepHot, allowCold, label, labelDelete } = options;
  if (keepHot === true && allowCold === true)
    throw new CodedError('USAGE', 'edit takes --keep-hot or --allow-cold, not both', { command: 'edit' });
  const change: EditRequest = {
    ...(name === undefined ? {} : { name }),
    ...(keepHot === true ? { keep_hot: true } : allowCold === true ? { keep_hot: false } : {}),
    ...(label === undefined ? {} : { labels_add: parseLabels(label) }),
    ...(labelDelete === undefined ? {} : { labels_remove: [...labelDelete] }),
  };
  if (Object.keys(change).length === 0)
    throw new CodedError(
      'USAGE',
      'edit was not told what to change',
      { command: 'edit' },
      { hint: 'see "bhatti edit --help"' },
    );
  return change;
}
