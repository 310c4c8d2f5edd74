import { logToStderr } from '@bhatti/base/log.ts';
import { agentListenFd } from '@bhatti/wire/guest-paths.ts';
import { fstatSync } from 'node:fs';

/** lohar: the guest agent and service manager. Started by PID 1, which starts it again when it dies. */
export async function main(args: readonly string[]): Promise<number> {
  const debug = args.find((arg) => arg.startsWith('--debug='))?.slice('--debug='.length) ?? process.env['BHATTI_DEBUG'];
  if (debug !== undefined) logToStderr(debug);
  if (!isSocket(agentListenFd)) {
    console.error(
      `error: cannot start lohar: descriptor ${agentListenFd} is not the agent socket\nhint: it is started by the sandbox's PID 1, not by hand`,
    );
    return 125;
  }
  // One request's mistake must not end the others. What is thrown outside of any promise may have left anything half done: then a new lohar starts from the records.
  process.on('unhandledRejection', (reason) => {
    console.error(
      `unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    );
  });
  const { assembleLohar } = await import('./assemble.ts');
  const lohar = assembleLohar(agentListenFd);
  const stopped = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
  await stopped;
  await lohar.stop();
  // WHY: sockets and time-outs that belong to nobody any more would hold the process.
  return process.exit(0);
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false; // expected: nothing was handed over
  }
}
