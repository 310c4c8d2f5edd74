import { lookUpUser } from './user-lookup.ts';
import { getopt, lastValue, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';
import { fail, print } from './print.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    ready: 'flag',
    pid: 'optional',
    uid: 'value',
    status: 'value',
    booted: 'flag',
    'no-block': 'flag',
  },
  shorts: { h: 'help' },
};

/** systemd-notify: what a script has to say to its service manager. */
export async function main(args: readonly string[]): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = getopt('systemd-notify', args, table);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  const has = (name: string) => parsed.options.has(name);
  if (has('version')) return print('systemd 252 (bhatti)\n', 0);
  if (has('help')) return print(usage, 0);
  const pid = pidOf(lastValue(parsed, 'pid'));
  if (typeof pid === 'string') return fail(pid);
  const user = lastValue(parsed, 'uid');
  const account = user === undefined ? undefined : lookUpUser(user);
  if (user !== undefined && account === undefined) return fail(`Can't resolve user ${user}: Invalid argument`);
  // lohar listens to services; what stands at this path says that it is what runs here.
  if (has('booted')) return (await import('node:fs')).existsSync('/run/systemd/system') ? 0 : 1;
  const status = lastValue(parsed, 'status');
  const lines = [
    ...(has('ready') ? ['READY=1'] : []),
    ...(status === undefined ? [] : [`STATUS=${status}`]),
    ...(pid === undefined ? [] : [`MAINPID=${pid}`]),
    ...parsed.words,
  ];
  if (lines.length === 0) return print(usage, 1);
  const socket = process.env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return fail('No status data could be sent: $NOTIFY_SOCKET was not set');
  const { notify } = await import('./notify-socket.ts');
  if (account !== undefined) process.setuid?.(account.uid);
  try {
    await notify(socket, lines, has('no-block') ? 'at-once' : 'when-heard');
    return 0;
  } catch (error) {
    return fail(`Failed to notify init system: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `--pid` without a number is the caller. */
function pidOf(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  if (text === '' || text === 'auto' || text === 'parent') return process.ppid;
  if (text === 'self') return process.pid;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : `Failed to parse PID ${text}.`;
}

const usage = `systemd-notify [OPTIONS...] [VARIABLE=VALUE...]

Notify the init system about service status updates.

  -h --help            Show this help
     --version         Show package version
     --ready           Inform the init system about service start-up completion
     --pid[=PID]       Set main PID of daemon
     --uid=USER        Set user to send from
     --status=TEXT     Set status text
     --booted          Check if the system was booted up with systemd
     --no-block        Do not wait until operation finished

See the systemd-notify(1) man page for details.
`;
