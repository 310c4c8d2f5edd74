import { hostname } from 'node:os';
import type { Asked } from './main.ts';

/** Verbs that lohar has no part in, and words that are none. */
export async function otherVerb({ verb, words }: Asked): Promise<number> {
  switch (verb) {
    case 'help':
      return openManual(words);
    case 'list-machines':
      process.stdout.write(`NAME\n${hostname()} (host)\n\n1 machines listed.\n`);
      return 0;
    case 'service-watchdogs':
      process.stdout.write('yes\n');
      return 0;
    default:
      process.stderr.write(`Unknown command verb ${verb}.\n`);
      return 1;
  }
}

async function openManual(units: readonly string[]): Promise<number> {
  if (units.length === 0) {
    process.stderr.write(
      "'help' command expects one or more unit names.\n(Alternatively, help for systemctl itself may be shown with --help)\n",
    );
    return 1;
  }
  const { ask } = await import('./main.ts');
  const { stdout } = await ask({ verb: 'show', words: units, options: { property: 'Documentation', value: '' } });
  for (const page of stdout.split(/[\s"]+/).filter((word) => word !== '')) {
    const manual = /^man:(.+)\((.+)\)$/.exec(page);
    if (manual === null) process.stdout.write(`Additionally, the following documentation was referenced: ${page}\n`);
    else await runManual(manual[2] ?? '', manual[1] ?? '');
  }
  return 0;
}

async function runManual(section: string, name: string): Promise<void> {
  const { runForeground } = await import('@bhatti/sys/process/run-foreground.ts');
  const ended = runForeground(['man', section, name]);
  if (ended === undefined) process.stderr.write('Failed to execute man: No such file or directory\n');
}
