import { CodedError } from '@bhatti/base/errors.ts';
import { spawnOnTerminal } from '@bhatti/sys/pty.ts';
import type { ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { launch } from './command.ts';
import type { ClientLink, Driven, StreamContext } from './exec-stream.ts';
import { TerminalSession } from './session.ts';
import { endRefused } from './stream-piped.ts';

/** Starts a command on a terminal. Undefined when it could not start: the client has been told its result. */
export function startOnTerminal(context: StreamContext, request: ExecRequest, link: ClientLink): Driven | undefined {
  const size = request.tty;
  if (size === undefined) throw new CodedError('INTERNAL', 'no terminal was asked for', {});
  const started = launch(context.accounts, request, (spec) => spawnOnTerminal(spec, size));
  if (started.kind === 'refused') {
    void endRefused(link, started);
    return undefined;
  }
  const session = new TerminalSession(context.activity, request, started.child);
  if (request.keep === true) context.sessions.add(session);
  return session.attach(link);
}
