import { hasCode } from '@bhatti/base/errors.ts';
import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestUnitChangeSocket, guestUnitReadSocket } from '@bhatti/wire/guest-paths.ts';
import { parseArguments } from './arguments.ts';
import { VERBS } from './verb-table.ts';

/** systemctl: asks lohar, prints what it says. Nothing else is loaded here: scripts call this in loops. */
export async function main(args: readonly string[]): Promise<number> {
  const { words, options } = parseArguments(args);
  if ('version' in options) return print('systemd 252 (bhatti)\n', '', 0);
  if ('help' in options || 'h' in options) return print(usage, '', 0);
  if ('user' in options) return print('', 'Failed to connect to bus: there is no service manager for users here\n', 1);
  const [verb = 'list-units', ...units] = words;
  const rights = VERBS[verb];
  if (rights === undefined) return print('', `Unknown command verb ${verb}.\n`, 1);
  try {
    const socket = rights === 'read' ? guestUnitReadSocket : guestUnitChangeSocket;
    const reply = await postUnix(socket, '/units', { verb, units, options });
    // SAFETY: the other side is lohar, this same executable as root.
    const { stdout, stderr, exitCode } = (await reply.json()) as { stdout: string; stderr: string; exitCode: number };
    return print(stdout, stderr, exitCode);
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN')) return print('', refusal(verb, units), 1);
    if (hasCode(error, 'CONNECTION_LOST'))
      return print('', 'Failed to connect to the service manager: Connection refused\n', 1);
    throw error;
  }
}

/** systemd's words to those whom polkit would refuse. */
function refusal(verb: string, units: readonly string[]): string {
  if (['enable', 'disable', 'reenable', 'mask', 'unmask', 'preset'].includes(verb))
    return `Failed to ${verb} unit: Access denied\n`;
  if (verb.startsWith('daemon-re')) return 'Failed to reload daemon: Access denied\n';
  const names = units.map((name) => (/\.[a-z]+$/.test(name) ? name : `${name}.service`));
  return names
    .map(
      (name) =>
        `Failed to ${verb} ${name}: Access denied\nSee system logs and 'systemctl status ${name}' for details.\n`,
    )
    .join('');
}

function print(stdout: string, stderr: string, exitCode: number): number {
  if (stdout !== '') process.stdout.write(stdout);
  if (stderr !== '') process.stderr.write(stderr);
  return exitCode;
}

const usage = `systemctl [OPTIONS...] COMMAND ...

Query or send control commands to the service manager of this sandbox.

  status show cat list-units list-unit-files list-dependencies list-jobs
  list-timers list-sockets
  is-active is-enabled is-failed is-system-running get-default
  start stop restart try-restart reload reload-or-restart kill reset-failed
  enable disable reenable preset mask unmask daemon-reload
`;
