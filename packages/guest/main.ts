import { logToStderr } from '@bhatti/base/log.ts';
import { agentListenFd } from '@bhatti/wire/guest-paths.ts';
import { fstatSync } from 'node:fs';

const askWithinMs = 2_000; // it takes two

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
  await new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
  // Units end with the sandbox only; of a lohar that is to come back they notice nothing.
  if (await isGoingDown()) await lohar.stop();
  // WHY: sockets and time-outs that belong to nobody any more would hold the process.
  return process.exit(0);
}

/** Whether PID 1 stops, and not somebody who sends signals. Where it cannot be told, it does. */
async function isGoingDown(): Promise<boolean> {
  const { startOperation } = await import('@bhatti/base/operation.ts');
  const { run } = await import('@bhatti/sys/process/run.ts');
  using op = startOperation({ timeoutMs: askWithinMs });
  try {
    const { stdout } = await run(op, ['s6-svstat', '-o', 'wantedup', '.']);
    return stdout.trim() !== 'true';
  } catch {
    return true; // expected: started by something other than s6
  }
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false; // expected: nothing was handed over
  }
}
