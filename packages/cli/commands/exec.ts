import type { Api } from '@bhatti/client/api.ts';
import { openExecStream, type ExecEnd, type ExecStream } from '@bhatti/client/exec-stream.ts';
import { descriptorKind } from '@bhatti/sys/terminal/descriptor.ts';
import { openInput } from '@bhatti/sys/terminal/stdio.ts';
import type { ExecRequest } from '@bhatti/wire/agent/exec.ts';

import { connectTo, wholeProcess } from '../connection.ts';
import { isClosedPipe, reportFailure } from '../failure.ts';
import { noteBytes, noteLine, printBytes, printJson, printLine } from '../output.ts';
import { parseExecArguments, type ExecArguments } from './exec-arguments.ts';

const ownFailure = 125; // as container programs do; the guest itself answers 126 and 127 for what cannot be run

/** `bhatti exec`: runs a command in a sandbox and exits as it did. */
export async function exec(args: readonly string[]): Promise<number> {
  try {
    const asked = parseExecArguments(args);
    const api = await connectTo(asked);
    if (asked.detach) return await detach(api, asked);
    if (asked.json) return await collectOutput(api, asked);
    return await runStreamed(api, asked);
  } catch (error) {
    const exitCode = await reportFailure(error, { form: wantsJson(args) ? 'json' : 'text', command: 'exec' });
    return isClosedPipe(error) ? exitCode : ownFailure;
  }
}

/** Also where the rest of the line cannot be read. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

async function runStreamed(api: Api, asked: ExecArguments): Promise<number> {
  const stdin = descriptorKind(0);
  const sendsInput = asked.input === 'yes' || (asked.input === 'if redirected' && redirected.has(stdin));
  const terminal = asked.tty ? await import('../terminal-session.ts') : undefined;
  const request: ExecRequest = {
    ...requestOf(asked),
    stdin: sendsInput,
    ...(terminal === undefined ? {} : { tty: terminal.windowSize() }),
  };
  const output = { onStdout: printBytes, onStderr: noteBytes };
  const opened = await openExecStream(api, wholeProcess, asked.name, { request }, output);
  forwardSignals(opened);
  const rawMode = stdin === 'terminal' ? terminal?.takeTerminal(opened) : undefined;
  const input = sendsInput ? sendInput(opened) : undefined;
  try {
    const end = await opened.ended;
    return end.kind === 'exited' ? await finish(asked, end) : 0;
  } finally {
    rawMode?.[Symbol.dispose]();
    input?.close();
  }
}

/** What carries data that was meant for the command. A terminal is not, or `bhatti exec … &` would stop for it; a device such as /dev/null has none. */
const redirected = new Set(['pipe', 'file', 'socket']);

function sendInput(stream: ExecStream): { close(): void } {
  const input = openInput();
  const send = async () => {
    for (let bytes = await input.read(); bytes !== undefined; bytes = await input.read()) await stream.write(bytes);
    stream.endInput();
  };
  // A standard input that cannot be read is at its end for the command.
  send().catch(() => stream.endInput());
  return input;
}

/** Ctrl-C reaches the command; a second one drops the connection, upon which the guest kills what is left. */
function forwardSignals(stream: ExecStream): void {
  for (const [name, number] of [
    ['INT', 2],
    ['TERM', 15],
    ['HUP', 1],
  ] as const) {
    let seen = 0;
    process.on(`SIG${name}`, () => {
      seen += 1;
      if (seen === 1) return stream.signal(name);
      stream.close();
      process.exit(128 + number);
    });
  }
}

async function finish(asked: ExecArguments, end: Extract<ExecEnd, { kind: 'exited' }>): Promise<number> {
  if (end.timedOut) await noteTimeout(asked);
  return end.exitCode;
}

async function collectOutput(api: Api, asked: ExecArguments): Promise<number> {
  const { execCalls } = await import('@bhatti/client/exec.ts');
  const result = await execCalls(api).run(wholeProcess, asked.name, requestOf(asked));
  const decoder = new TextDecoder();
  await printJson({
    exit_code: result.exitCode,
    stdout: decoder.decode(result.stdout),
    stderr: decoder.decode(result.stderr),
    ...(result.signal === undefined ? {} : { signal: result.signal }),
    ...(result.timedOut ? { timed_out: true } : {}),
    ...(result.truncated ? { truncated: true } : {}),
  });
  if (result.timedOut) await noteTimeout(asked);
  return result.exitCode;
}

async function detach(api: Api, asked: ExecArguments): Promise<number> {
  const { execCalls } = await import('@bhatti/client/exec.ts');
  const { pid, outputFile } = await execCalls(api).detach(wholeProcess, asked.name, requestOf(asked));
  if (asked.json) await printJson({ pid, output_file: outputFile, detached: true });
  else await printLine(`pid: ${pid}\noutput: ${outputFile}`);
  return 0;
}

function requestOf(asked: ExecArguments) {
  return {
    argv: [...asked.argv],
    env: asked.env,
    ...(asked.cwd === undefined ? {} : { cwd: asked.cwd }),
    ...(asked.user === undefined ? {} : { user: asked.user }),
    timeoutMs: asked.timeoutMs,
  };
}

function noteTimeout(asked: ExecArguments): Promise<void> {
  return noteLine(`error: "${asked.argv[0]}" was ended after its time-out of ${asked.timeoutMs / 1000} s`);
}
