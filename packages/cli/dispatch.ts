import { CodedError } from '@bhatti/base/errors.ts';
import { Command, CommanderError } from 'commander';

import type { GlobalOptions } from './arguments.ts';
import { COMMANDS, type CommandContext, type CommandEntry } from './command-table.ts';
import { reportFailure } from './failure.ts';
import { helpOfGroup, helpOfProgram } from './help.ts';
import { nearest } from './nearest.ts';
import { printLine } from './output.ts';
import { usageError } from './usage.ts';

/** Runs the command that is called `name` (or `name` and the next word), and maps whatever it throws: the one funnel of the program. */
export async function dispatch(name: string | undefined, rest: readonly string[]): Promise<number> {
  let command: string | undefined;
  try {
    if (name === undefined) return await runBare(rest);
    if (name === 'help') return await runHelp(rest);
    if (name === '__complete') return await (await import('./complete.ts')).complete(rest);
    const { entry, args } = findCommand(name, rest);
    if (entry === undefined) return await runGroup(name, rest);
    command = entry.name;
    return await runCommand(entry, args);
  } catch (error) {
    return reportFailure(error, { form: rest.includes('--json') ? 'json' : 'text', command });
  }
}

async function runCommand(entry: CommandEntry, args: readonly string[]): Promise<number> {
  const { command, context } = await loadCommand(entry);
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    // --help ends this way too.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    throw error instanceof CommanderError ? usageError(entry.name, error) : error;
  }
  return context.exitCode;
}

/** A command with its arguments and options, ready to parse. */
export async function loadCommand(entry: CommandEntry): Promise<{ command: Command; context: CommandContext }> {
  const command = new Command(`bhatti ${entry.name}`);
  const context = {
    exitCode: 0,
    get options() {
      const { json, url, token } = command.opts<Partial<GlobalOptions>>();
      return { json: json === true, url, token };
    },
  };
  command
    .description(entry.summary)
    .exitOverride()
    // Failures are printed by the funnel; what remains for commander is help.
    .configureOutput({ writeOut: (text) => void printLine(text.trimEnd()), writeErr: () => {} })
    .helpOption('-h, --help', 'show this help');
  (await entry.load())(command, context);
  command
    .option('--json', 'print JSON, errors too')
    .option('--url <url>', 'daemon to talk to (BHATTI_URL); default: the one on this machine')
    .option('--token <key>', 'API key (BHATTI_TOKEN)')
    .option('--timing', 'say on standard error how long it took');
  return { command, context };
}

function findCommand(
  name: string,
  rest: readonly string[],
): { entry: CommandEntry | undefined; args: readonly string[] } {
  const one = COMMANDS.find((entry) => entry.name === name || entry.alias === name);
  if (one !== undefined) return { entry: one, args: rest };
  // The second word may stand behind global options that were moved there: `--json image list`.
  const at = rest.findIndex((word) => COMMANDS.some((entry) => entry.name === `${name} ${word}`));
  const two = COMMANDS.find((entry) => entry.name === `${name} ${rest[at] ?? ''}`);
  return { entry: two, args: rest.filter((_, index) => index !== at) };
}

async function runGroup(name: string, rest: readonly string[]): Promise<number> {
  const members = COMMANDS.filter((entry) => entry.name.startsWith(`${name} `));
  if (members.length === 0)
    throw unknownCommand(
      name,
      COMMANDS.map((entry) => entry.name.split(' ', 1)[0] ?? ''),
    );
  const word = rest.find((argument) => !argument.startsWith('-'));
  if (word !== undefined && word !== 'help')
    throw unknownCommand(
      `${name} ${word}`,
      members.map((entry) => entry.name),
    );
  await printLine(helpOfGroup(name, members));
  return 0;
}

async function runBare(flags: readonly string[]): Promise<number> {
  if (flags.includes('--version') || flags.includes('-V')) {
    const { VERSION } = await import('@bhatti/base/version.ts');
    await printLine(`bhatti ${VERSION}`);
    return 0;
  }
  const unknown = flags.find((flag) => !bareFlags.has(flag));
  if (unknown !== undefined)
    throw new CodedError('USAGE', `unknown option "${unknown}"`, {}, { hint: 'see "bhatti --help"' });
  await printLine(helpOfProgram());
  return 0;
}

const bareFlags: ReadonlySet<string> = new Set(['-h', '--help', '--json']);

async function runHelp(rest: readonly string[]): Promise<number> {
  const [name, ...more] = rest;
  if (name === undefined) return runBare([]);
  const { entry } = findCommand(name, more);
  return entry === undefined ? runGroup(name, []) : runCommand(entry, ['--help']);
}

function unknownCommand(name: string, known: readonly string[]): CodedError {
  const near = nearest(name, known);
  return new CodedError(
    'USAGE',
    `unknown command "${name}"`,
    { command: name },
    { hint: near === undefined ? 'see "bhatti --help"' : `did you mean "bhatti ${near}"?` },
  );
}
