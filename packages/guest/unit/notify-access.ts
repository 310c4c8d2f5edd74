import { readProcess } from '@bhatti/sys/process/identity.ts';
import { guestExecutable } from '@bhatti/wire/guest-paths.ts';
import { readlinkSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import type { ServiceRecord } from './service-record.ts';

/** Whose word counts (systemd.service(5), NotifyAccess=). */
export function isHeard(settings: ServiceSettings, record: ServiceRecord, pid: number): boolean {
  const access = settings.notifyAccess ?? (settings.type === 'notify' ? 'main' : 'none');
  if (access === 'all' || access === 'none') return access === 'all';
  const named = [record.main?.pid, record.control?.pid];
  return named.includes(pid) || named.includes(speaksFor(pid) ?? 0);
}

/**
 * The process for which another one speaks: systemd-notify(1) is the voice of the script that called it. systemd's own tells the kernel to sign in its parent's name, for which nobody in a sandbox has the right. Undefined
 * where it is another program, or has ended already.
 */
function speaksFor(pid: number): number | undefined {
  try {
    if (readlinkSync(`/proc/${pid}/exe`) !== guestExecutable) return undefined;
  } catch {
    return undefined; // expected: it has ended
  }
  return readProcess(pid)?.parentPid;
}
