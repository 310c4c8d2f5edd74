import { hasCode } from '@bhatti/base/errors.ts';
import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { replaceProcess } from '@bhatti/sys/process/replace.ts';
import type { RunEnded, RunRefused, RunRequest, RunStarted } from '@bhatti/wire/agent/run.ts';
import { guestUnitChangeSocket } from '@bhatti/wire/guest-paths.ts';
import { readLines } from './reply-lines.ts';
import { UsageError } from '../systemctl/getopt.ts';
import { formatTimeSpan } from '../unit/time-span.ts';
import { findExecutable } from './find-executable.ts';
import { parseRun, RUN_USAGE, type RunCommand } from './run-options.ts';
import { fail, print } from './print.ts';
import { ownEnvironment } from '@bhatti/sys/environment.ts';

/** systemd-run: a service, a scope or a timer for one command. */
export async function main(args: readonly string[]): Promise<number> {
  let command: RunCommand | 'help' | 'version';
  try {
    command = parseRun(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  if (command === 'help') return print(RUN_USAGE);
  if (command === 'version') return print('systemd 252 (bhatti)\n');
  const [name = ''] = command.argv;
  const path = findExecutable(name, process.env['PATH']);
  if (path === undefined) return fail(`Failed to find executable ${name}: No such file or directory`);
  return run(command, path);
}

async function run(command: RunCommand, path: string): Promise<number> {
  const request: RunRequest = {
    kind: command.kind,
    ...(command.unit === undefined ? {} : { unit: command.unit }),
    description: command.description ?? [path, ...command.argv.slice(1)].join(' '),
    argv: command.isTerminal ? onTerminal([path, ...command.argv.slice(1)]) : [path, ...command.argv.slice(1)],
    properties: command.properties,
    timerProperties: command.timerProperties,
    pid: process.pid,
    stdio: command.isTerminal || command.isPiped,
    until: command.isWaiting || command.isTerminal ? 'ended' : command.isQueued ? 'queued' : 'started',
  };
  try {
    const reply = await postUnix(guestUnitChangeSocket, '/run', request);
    const messages = readLines<RunStarted | RunRefused | RunEnded>(reply);
    for await (const message of messages) {
      if ('error' in message && message.error !== undefined) return fail(message.error.trimEnd());
      if ('unit' in message) {
        if (!command.isQuiet) announce(command, message.unit);
        if (command.kind === 'scope') become(command, path);
      } else if ('result' in message) {
        return command.isWaiting ? reportEnd(command, message) : 0;
      }
    }
    return 0;
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN')) return fail(`Failed to start transient ${command.kind} unit: Access denied`);
    if (hasCode(error, 'CONNECTION_LOST')) return fail('Failed to connect to bus: Connection refused');
    throw error;
  }
}

function announce({ kind, isTerminal }: RunCommand, unit: string): void {
  switch (kind) {
    case 'service':
      say(`Running as unit: ${unit}`);
      if (isTerminal) say('Press ^] three times within 1s to disconnect TTY.');
      return;
    case 'scope':
      return say(`Running scope as unit: ${unit}`);
    case 'timer':
      say(`Running timer as unit: ${unit}`);
      say(`Will run service as unit: ${unit.replace(/\.timer$/, '.service')}`);
  }
}

/** The command takes this program's place, which is in the scope already. */
function become({ argv, env }: RunCommand, path: string): never {
  replaceProcess({ path, argv, env: { ...ownEnvironment(), ...env } });
}

/** script(1) gives the command a terminal of its own, with this one behind it. */
function onTerminal(argv: readonly string[]): string[] {
  const line = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['/usr/bin/script', '--quiet', '--return', '--command', line.replaceAll('$', '$$$$'), '/dev/null'];
}

const clean = new Set(['success', 'exec-condition']);

function reportEnd({ isQuiet }: RunCommand, { result, code, status, runtimeMs }: RunEnded): number {
  if (!isQuiet) {
    say(`Finished with result: ${result}`);
    if (code !== undefined) say(`Main processes terminated with: code=${code}/status=${status}`);
    say(`Service runtime: ${formatTimeSpan(runtimeMs)}`);
  }
  if (code === 'exited' && /^\d+$/.test(status ?? '')) return Number(status);
  return clean.has(result) ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
