import { readProcess } from '@bhatti/sys/process/identity.ts';
import { guestExecutable } from '@bhatti/wire/guest-paths.ts';
import { readlinkSync } from 'node:fs';
import type { Notice } from '../event-thread/message.ts';
import type { ServiceSettings } from './definition.ts';

/** What a program tells its service manager (sd_notify(3)); what it does not say is undefined or false. */
export interface Notification {
  readonly isReady: boolean;
  readonly isReloading: boolean;
  readonly isStopping: boolean;
  readonly status: string | undefined;
  readonly errno: number | undefined;
  readonly busError: string | undefined;
  readonly mainPid: number | undefined;
  readonly watchdog: 'ping' | 'trigger' | undefined;
  readonly watchdogMs: number | undefined;
  readonly extendTimeoutMs: number | undefined;
  readonly fdStore: 'add' | 'remove' | undefined;
  readonly fdName: string | undefined;
}

const maxTextLength = 4_096;

export function parseNotification(text: string): Notification {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const equals = line.indexOf('=');
      return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
    }),
  );
  const watchdog = fields.get('WATCHDOG');
  const fdName = fields.get('FDNAME');
  return {
    isReady: fields.get('READY') === '1',
    isReloading: fields.get('RELOADING') === '1',
    isStopping: fields.get('STOPPING') === '1',
    status: printable(fields.get('STATUS')),
    errno: number(fields.get('ERRNO'), 4_095),
    busError: printable(fields.get('BUSERROR')),
    mainPid: number(fields.get('MAINPID'), 0x7fff_ffff),
    watchdog: watchdog === '1' ? 'ping' : watchdog === 'trigger' ? 'trigger' : undefined,
    watchdogMs: milliseconds(fields.get('WATCHDOG_USEC')),
    extendTimeoutMs: milliseconds(fields.get('EXTEND_TIMEOUT_USEC')),
    fdStore: fields.get('FDSTOREREMOVE') === '1' ? 'remove' : fields.get('FDSTORE') === '1' ? 'add' : undefined,
    fdName: fdName !== undefined && isFdName(fdName) ? fdName : undefined,
  };
}

/** systemd.service(5), NotifyAccess=: whether one who sent a notice may. `members` are the processes of the unit's group. */
export function mayNotify(
  settings: AccessSettings,
  { pid }: Pick<Notice, 'pid'>,
  known: {
    readonly main: number | undefined;
    readonly control: number | undefined;
    readonly members: () => readonly number[];
  },
): boolean {
  switch (accessOf(settings)) {
    case 'none':
      return false;
    case 'main':
      return pid !== 0 && (pid === known.main || speaksFor(pid) === known.main);
    case 'exec':
      return pid !== 0 && [pid, speaksFor(pid)].some((who) => who === known.main || who === known.control);
    case 'all':
      return pid !== 0 && (pid === known.main || pid === known.control || known.members().includes(pid));
  }
}

/**
 * The process for which another one speaks: systemd-notify(1) is the voice of the script that called it. systemd's own tells the kernel to sign in its parent's name, for which nobody in a sandbox has
 * the right. 0 where it is another program, or has ended already.
 */
function speaksFor(pid: number): number {
  try {
    if (readlinkSync(`/proc/${pid}/exe`) !== guestExecutable) return 0;
  } catch {
    return 0; // expected: it has ended
  }
  return readProcess(pid)?.parentPid ?? 0;
}

/** A service that is to say something may, whether it is written there or not. */
export function accessOf(settings: AccessSettings): 'none' | 'main' | 'exec' | 'all' {
  const { type, notifyAccess, watchdogMs, fileDescriptorStoreMax } = settings;
  if (type === 'notify' && (notifyAccess === undefined || notifyAccess === 'none')) return 'main';
  return notifyAccess ?? (watchdogMs > 0 || fileDescriptorStoreMax > 0 ? 'main' : 'none');
}

type AccessSettings = Pick<ServiceSettings, 'type' | 'notifyAccess' | 'watchdogMs' | 'fileDescriptorStoreMax'>;

/** sd_pid_notify_with_fds(3): at most 255 ASCII characters that are no control characters and no colon. */
function isFdName(text: string): boolean {
  return text.length <= 255 && /^[\x20-\x39\x3b-\x7e]+$/.test(text);
}

function printable(text: string | undefined): string | undefined {
  // oxlint-disable-next-line no-control-regex -- WHY: control characters are what is taken out.
  return text?.slice(0, maxTextLength).replace(/[\x00-\x1f\x7f]/g, ' ');
}

function number(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function milliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,18}$/.test(text) ? Number(text) / 1_000 : undefined;
}
