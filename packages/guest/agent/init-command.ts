import { spawnOnTerminal } from '@bhatti/sys/pty.ts';
import type { ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { launch } from './command.ts';
import type { StreamContext } from './exec-stream.ts';
import { TerminalSession } from './session.ts';

const sessionId = 'init';
const size = { rows: 24, cols: 80 };

/** `create --init`: one command line as lohar, in a session that can be attached to. */
export function startInit(context: StreamContext, line: string): void {
  const request: ExecRequest = { argv: ['/bin/bash', '-lc', line], tty: size, keep: true };
  const started = launch(context.accounts, request, (spec) => spawnOnTerminal(spec, size));
  if (started.kind === 'refused') return console.error(`cannot run the init command: ${started.message.trim()}`);
  context.sessions.add(new TerminalSession(context.activity, request, started.child), sessionId);
}
