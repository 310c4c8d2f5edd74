import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Api } from '@bhatti/client/api.ts';
import { execCalls } from '@bhatti/client/exec.ts';
import type { ExecStream } from '@bhatti/client/exec-stream.ts';
import { isTerminal } from '@bhatti/sys/terminal/descriptor.ts';
import { openInput } from '@bhatti/sys/terminal/stdio.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteBytes, noteLine, printBytes } from '../output.ts';
import { takeTerminal, windowSize } from '../terminal-session.ts';

interface Options {
  readonly new?: boolean;
  readonly session?: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name or id')
    .option('--new', 'a new shell, even where one was left running')
    .option('--session <id>', 'this session of "bhatti ps"')
    .addHelpText('after', '\nCtrl+\\ leaves the shell running; "bhatti shell NAME" comes back to it.')
    .action(async (name: string, options: Options) => {
      if (!isTerminal(0) || !isTerminal(1))
        throw new CodedError(
          'USAGE',
          'cannot open a shell: standard input and output must be a terminal',
          { command: 'shell' },
          { hint: `for scripts: bhatti exec ${name} -- bash -c '…'` },
        );
      context.exitCode = await runShell(await connectTo(context.options), name, options);
    });
}

async function runShell(api: Api, name: string, options: Options): Promise<number> {
  const exec = execCalls(api);
  let session = options.session ?? (options.new === true ? undefined : await leftRunning(api, name));
  const output = {
    onStdout: printBytes,
    onStderr: noteBytes,
    onStarted: (started: { session?: string | undefined }) => void (session = started.session ?? session),
  };
  const size = windowSize();
  const stream =
    session === undefined
      ? await exec.open(
          wholeProcess,
          name,
          { argv: ['/bin/bash', '-li'], cwd: '/workspace', tty: size, stdin: true, keep: true },
          output,
        )
      : await exec.attach(wholeProcess, name, session, output);
  const end = await converse(stream, name, () => session);
  if (end.kind === 'exited') return end.exitCode;
  await noteLine('\ndetached');
  return 0;
}

/** The newest shell that somebody left. */
async function leftRunning(api: Api, name: string): Promise<string | undefined> {
  const sessions = await execCalls(api).sessions(wholeProcess, name);
  return sessions
    .filter(({ tty, running, attached }) => tty && running && !attached)
    .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
    .at(0)?.sessionId;
}

async function converse(stream: ExecStream, name: string, session: () => string | undefined) {
  const input = openInput();
  const raw = takeTerminal(stream);
  // A closed terminal or a kill: the shell stays for the next time.
  for (const signal of ['SIGHUP', 'SIGTERM'] as const) process.once(signal, () => stream.detach());
  void sendKeys(input, stream);
  try {
    stream.resize(windowSize());
    return await stream.ended;
  } catch (error) {
    if (!hasCode(error, 'CONNECTION_LOST')) throw error;
    raw[Symbol.dispose]();
    const id = session();
    throw new CodedError(
      'CONNECTION_LOST',
      id === undefined ? 'connection lost' : `connection lost (session ${id} still running)`,
      { peer: name },
      { cause: error, hint: id === undefined ? `bhatti shell ${name}` : `bhatti shell ${name} --session ${id}` },
    );
  } finally {
    raw[Symbol.dispose]();
    input.close();
  }
}

const leaveKey = 0x1c; // Ctrl+\, which no shell binds

async function sendKeys(input: ReturnType<typeof openInput>, stream: ExecStream): Promise<void> {
  for (let keys = await input.read(); keys !== undefined; keys = await input.read()) {
    const at = keys.indexOf(leaveKey);
    if (at !== -1) {
      await stream.write(keys.subarray(0, at));
      return stream.detach();
    }
    await stream.write(keys);
  }
  stream.detach();
}
