import { rmSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import { releaseDynamicUid } from './dynamic-user.ts';
import { removePrivateTmp } from './private-tmp.ts';
import { removeCredentials } from './unit-credentials.ts';
import { removeRuntimeDirectories } from './unit-directories.ts';

/** Takes away what a service had for one run. Whatever is in the way stays, and is no reason for the unit to stay as well. */
export function releaseUnit(unit: string, settings: ServiceSettings, how: 'for good' | 'until it is back'): void {
  const { exec, runtimeDirectoryPreserve: preserve } = settings;
  const isKept = preserve === 'yes' || (preserve === 'restart' && how === 'until it is back');
  if (!isKept) attempt(unit, () => removeRuntimeDirectories(settings));
  // systemd.service(5), PIDFile=.
  if (settings.pidFile !== undefined) attempt(unit, () => rmSync(settings.pidFile ?? '', { force: true }));
  attempt(unit, () => removeCredentials(unit));
  if (exec.sandboxing.privateTmp) attempt(unit, () => removePrivateTmp(unit));
  if (exec.sandboxing.dynamicUser) attempt(unit, () => releaseDynamicUid(unit));
}

function attempt(unit: string, remove: () => void): void {
  try {
    remove();
  } catch (error) {
    console.error(`cannot remove what "${unit}" leaves: ${error instanceof Error ? error.message : String(error)}`);
  }
}
