import { imageCalls } from '@bhatti/client/image.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { openProgress } from '../progress.ts';

export function define(command: Command, context: CommandContext): void {
  command.argument('<name>', 'minimal or computer').action(async (name: string) => {
    const images = imageCalls(await connectTo(context.options));
    const before = (await images.list(wholeProcess)).find((image) => image.name === name);
    using progress = openProgress(context.options.json);
    const image = await images.build(wholeProcess, name, (event) => progress.show(event));
    progress.finish();
    if (context.options.json) await printJson(image);
    else
      await printLine(
        `image/${image.name} ${before?.digest === image.digest ? 'unchanged' : 'built'} (${image.size_mb} MB)`,
      );
  });
}
