import { imageCalls } from '@bhatti/client/image.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';
import { formatTable } from '../table.ts';

export function define(command: Command, context: CommandContext): void {
  command.action(async () => {
    const images = await imageCalls(await connectTo(context.options)).list(wholeProcess);
    if (context.options.json) return printJson(images);
    const rows = images.map((image) => [
      image.name,
      `${image.size_mb} MB`,
      String(image.sandboxes),
      image.created_at.slice(0, 10),
      image.digest.slice(0, 19),
    ]);
    await printLine(
      formatTable(
        [
          { title: 'NAME', width: 20 },
          { title: 'SIZE', width: 10 },
          { title: 'SANDBOXES', width: 10 },
          { title: 'CREATED', width: 12 },
          { title: 'DIGEST', width: 0 },
        ],
        rows,
      ),
    );
    if (images.length === 0) await noteLine('no images; make one with "bhatti image build computer"');
  });
}
