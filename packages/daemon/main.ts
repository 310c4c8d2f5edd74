import { toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { assemble } from './assemble.ts';
import { loadConfig, parseFlags } from './config.ts';
import { logEvents } from './log.ts';

const usage = `Usage: bhatti serve [flags]

Runs the daemon in the foreground. Sandboxes run on when it stops, and are found again when it starts.

  --config FILE      default /etc/bhatti/config.yaml, if it exists
  --listen ADDR:PORT API and published ports (127.0.0.1:8080)
  --data-dir DIR     images, sandboxes, database (/var/lib/bhatti)
  --run-dir DIR      control socket and what a reboot may clear (/run/bhatti)
  --instance NAME    prefix of bridges, firewall tables and cgroups (bhatti)
  --subnet NET       addresses of sandboxes (10.107.0.0/16)
  --debug PATTERNS   also log these events, e.g. daemon:request,publish:*
  --destroy-unknown  with a new database, remove sandboxes that it does not know
`;

/** `bhatti serve`. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    const flags = parseFlags(args);
    using _log = logEvents(flags.debug ?? process.env['BHATTI_DEBUG'], process.env['JOURNAL_STREAM'] !== undefined);
    surviveRejections();
    // Listened for from the start: a signal during the start ends it in order as well.
    const signal = untilSignal();
    await using _daemon = await assemble(await loadConfig(flags, process.env));
    announce('daemon:stop', { signal: await signal });
  } catch (thrown) {
    const error = toCodedError(thrown);
    console.error(`error: ${error.message}`);
    if (error.hint !== undefined) console.error(`hint: ${error.hint}`);
    if (error.code === 'INTERNAL' && error.cause instanceof Error) console.error(error.cause.stack);
    return error.spec.exit;
  }
  // WHY: connections and timers that belong to nobody any more would hold the process.
  return process.exit(0);
}

function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

/** One sandbox's trouble must not end the others': it is a defect, it is logged with its story, and the daemon goes on. */
function surviveRejections(): void {
  process.on('unhandledRejection', (reason) => {
    announce('daemon:error', {
      unhandled: toCodedError(reason).message,
      stack: reason instanceof Error ? reason.stack : undefined,
    });
  });
}
