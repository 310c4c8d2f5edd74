import { imageCalls } from '@bhatti/client/image.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { printJson, printLine } from '../output.ts';
import { openProgress } from '../progress.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .option('--tiers <names>', 'comma list, e.g. computer; default: every image there is')
    .action(async ({ tiers }: { tiers?: string }) => {
      const images = imageCalls(await connectTo(context.options));
      const before = new Map((await images.list(wholeProcess)).map(({ name, digest }) => [name, digest]));
      const names = tiers === undefined ? [...before.keys()] : tiers.split(',').filter((name) => name !== '');
      const results: { name: string; status: 'current' | 'built' }[] = [];
      for (const name of names) {
        using progress = openProgress(context.options.json);
        // The build is content-addressed: where recipe and packages are the same it answers at once.
        const image = await images.build(wholeProcess, name, (event) => progress.show(event));
        progress.finish();
        const status = before.get(name) === image.digest ? 'current' : 'built';
        results.push({ name, status });
        if (!context.options.json)
          await printLine(`image/${name} ${status === 'current' ? 'is current' : 'built again'}`);
      }
      if (context.options.json) await printJson(results);
    });
}
