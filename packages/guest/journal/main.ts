import { readFileSync, writeFileSync } from 'node:fs';
import { ArgumentError, parseJournalArguments, type JournalArguments } from './arguments.ts';
import { ReaderGone } from './page.ts';
import { QueryError } from './query-error.ts';
import { fail } from '../tools/print.ts';

/** journalctl: reads the journal's files, which everyone may, and asks lohar for nothing but to write down what it still has in its pipes. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(parseJournalArguments(args));
  } catch (error) {
    if (error instanceof ArgumentError) return fail(`journalctl: ${error.message}`);
    if (error instanceof QueryError) return fail(error.message);
    if (error instanceof ReaderGone) return 0;
    throw error;
  }
}

async function run(args: JournalArguments): Promise<number> {
  const { options } = args;
  if (options.has('help') || options.has('version')) return printHelp(options.has('version'));
  const { REFUSED } = await import('./option-table.ts');
  const refused = REFUSED.find((name) => options.has(name));
  if (refused !== undefined) throw new QueryError(`Option --${refused} is not supported here.`);
  if (options.get('output')?.at(-1) === 'help') return printList((await import('./format.ts')).OUTPUTS);
  if (options.get('facility')?.includes('help') === true) return printFacilities();
  const { maintain, flushJournal } = await import('./maintenance.ts');
  const done = await maintain(args);
  if (done !== undefined) {
    process.stdout.write(done.stdout ?? '');
    process.stderr.write(done.stderr ?? '');
    return 0;
  }
  await flushJournal();
  const { show } = await import('./show.ts');
  const { count, cursor } = show(args, cursorInFile(options.get('cursor-file')?.at(-1)));
  keepCursor(options.get('cursor-file')?.at(-1), cursor);
  return count === 0 && options.has('grep') ? 1 : 0;
}

async function printHelp(isVersion: boolean): Promise<number> {
  process.stdout.write(isVersion ? 'systemd 252 (bhatti)\n' : (await import('./option-table.ts')).HELP);
  return 0;
}

async function printFacilities(): Promise<number> {
  const { FACILITIES } = await import('./query.ts');
  return printList(['Available facilities:', ...FACILITIES]);
}

function printList(lines: readonly string[]): number {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function cursorInFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined; // the first time
    throw new QueryError(`Failed to read cursor file ${path}: ${error instanceof Error ? error.message : ''}`);
  }
}

function keepCursor(path: string | undefined, cursor: string | undefined): void {
  if (path === undefined || cursor === undefined) return;
  try {
    writeFileSync(path, `${cursor}\n`);
  } catch {
    // As journalctl: said, and no failure.
    process.stderr.write(`Failed to write new cursor to ${path}\n`);
  }
}
