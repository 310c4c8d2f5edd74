import { replaceProcess } from '@bhatti/sys/process/replace.ts';
import { getopt, lastValue, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';
import { existsSync } from 'node:fs';
import { findExecutable } from './find-executable.ts';
import { fail, print } from './print.ts';
import { ownEnvironment } from '@bhatti/sys/environment.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    identifier: 'value',
    priority: 'value',
    'stderr-priority': 'value',
    'level-prefix': 'value',
  },
  shorts: { h: 'help', t: 'identifier', p: 'priority' },
};
const logSocket = '/dev/log';
const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** systemd-cat: a program whose output goes to the journal. logger(1) carries the lines there; this process becomes the program. */
export async function main(args: readonly string[]): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = getopt('systemd-cat', args, table, 'leading');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  if (parsed.options.has('help')) return print(usage);
  if (parsed.options.has('version')) return print('systemd 252 (bhatti)\n');
  const priority = levelOf(lastValue(parsed, 'priority') ?? 'info');
  const errors = levelOf(lastValue(parsed, 'stderr-priority') ?? priority ?? '');
  if (priority === undefined || errors === undefined) return fail('Failed to parse priority value.');
  const prefix = lastValue(parsed, 'level-prefix') ?? 'yes';
  if (!/^(1|y|yes|t|true|on|0|n|no|f|false|off)$/i.test(prefix))
    return fail(`Failed to parse boolean argument to --level-prefix=: ${prefix}.`);
  const [name, ...rest] = parsed.words;
  const logger = (level: string) => [
    'logger',
    `--id=${process.pid}`,
    `--tag=${lastValue(parsed, 'identifier') ?? name ?? 'cat'}`,
    `--priority=user.${level}`,
    ...(/^(1|y|yes|t|true|on)$/i.test(prefix) ? ['--prio-prefix'] : []),
  ];
  if (name === undefined) return become(logger(priority));
  const path = findExecutable(name, process.env['PATH']);
  if (path === undefined) return fail('Failed to execute process: No such file or directory');
  if (!existsSync(logSocket)) return fail('Failed to create stream fd: No such file or directory');
  const { startReader } = await import('@bhatti/sys/process/reader.ts');
  const stdout = startReader(logger(priority));
  const stderr = errors === priority ? stdout : startReader(logger(errors));
  replaceProcess({ path, argv: [name, ...rest], env: ownEnvironment(), stdio: [undefined, stdout, stderr] });
}

function become(argv: readonly string[]): number {
  const path = findExecutable(argv[0] ?? '', process.env['PATH']);
  if (path === undefined) return fail('Failed to create stream fd: No such file or directory');
  return replaceProcess({ path, argv, env: ownEnvironment() });
}

/** By number or name. */
function levelOf(text: string): string | undefined {
  return /^[0-7]$/.test(text) ? levels[Number(text)] : levels.find((level) => level === text);
}

const usage = `systemd-cat [OPTIONS...] COMMAND ...

Execute process with stdout/stderr connected to the journal.

  -h --help                      Show this help
     --version                   Show package version
  -t --identifier=STRING         Set syslog identifier
  -p --priority=PRIORITY         Set priority value (0..7)
     --stderr-priority=PRIORITY  Set priority value (0..7) used for stderr
     --level-prefix=BOOL         Control whether level prefix shall be parsed

See the systemd-cat(1) man page for details.
`;
