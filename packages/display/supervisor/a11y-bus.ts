import { announce } from '@bhatti/base/log.ts';
import type { Account } from '@bhatti/sys/account.ts';
import { type Child, spawnWith } from '@bhatti/sys/process/spawn.ts';
import { chownSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import type { DisplayPaths } from '../config/paths.ts';
import { environmentOf, stopChild } from './x-server.ts';

const program = '/usr/bin/dbus-daemon';
const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
const stopTimeoutMs = 1_000;

export interface A11yBusOptions {
  readonly paths: DisplayPaths;
  readonly account: Account;
}

/**
 * The bus on which programs say what they show: a `dbus-daemon` of its own, since programs join it at their start and never again, and so it has to outlive the streaming process. Nothing waits for it, and
 * a desktop without it is a desktop.
 */
export class A11yBus {
  readonly #options: A11yBusOptions;
  #child: Child | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delayMs = firstDelayMs;
  #isStopping = false;

  constructor(options: A11yBusOptions) {
    this.#options = options;
    if (existsSync(program)) this.#start();
    else console.error(`note: ${program} is not installed; programs cannot be read as text`);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (this.#child !== undefined) await stopChild(this.#child, stopTimeoutMs);
    rmSync(this.#options.paths.a11yBusSocket, { force: true });
  }

  #start(): void {
    const { paths, account } = this.#options;
    rmSync(paths.a11yBusSocket, { force: true });
    writeFileSync(paths.a11yBusConfig, busConfig(paths.a11yBusSocket), { mode: 0o600 });
    chownSync(paths.a11yBusConfig, account.uid, account.gid);
    const options = ['--nofork', '--nopidfile', '--nosyslog'];
    const child = spawnWith(
      {
        path: '/usr/bin/setpriv',
        // As the X server does, it ends with us.
        argv: ['setpriv', '--pdeathsig', 'KILL', '--', program, `--config-file=${paths.a11yBusConfig}`, ...options],
        env: environmentOf(account),
        cwd: '/',
        credentials: { uid: account.uid, gid: account.gid, groups: account.groups },
      },
      [null, null, 2],
    );
    this.#child = child;
    announce('display:start', { a11yBus: child.pid });
    void child.exited.then((exit) => {
      this.#child = undefined;
      if (this.#isStopping) return;
      console.error(`the accessibility bus ended (${exit.signal ?? `exit ${exit.exitCode}`}); starting it again`);
      this.#timer = setTimeout(() => this.#start(), this.#delayMs);
      this.#delayMs = Math.min(longestDelayMs, this.#delayMs * 2);
    });
  }
}

/**
 * No program is started by this bus. Who floods it is held back by limits of its own connection: what it may have under way, how large a message may be (`maxMessageBytes`), and how many connections there are.
 * `max_replies_per_connection` is how many calls the reader may have under way.
 */
function busConfig(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>accessibility</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
  <limit name="max_message_size">33554432</limit>
  <limit name="max_incoming_bytes">67108864</limit>
  <limit name="max_outgoing_bytes">67108864</limit>
  <limit name="max_completed_connections">512</limit>
  <limit name="max_connections_per_user">512</limit>
  <limit name="max_replies_per_connection">65536</limit>
</busconfig>
`;
}
