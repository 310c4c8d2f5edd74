import { hasCode } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { existsSync } from 'node:fs';
import { release } from 'node:os';

import { run } from '../process/run.ts';
import type { Finding } from './finding.ts';
import { isKernelAtLeast } from './kernel.ts';
import { tryReadTrimmed } from './proc-file.ts';

export async function probeOverlay(op: Operation): Promise<Finding> {
  return probeKernelPart(op, 'overlay', 'overlay file system', () =>
    /\boverlay$/m.test(tryReadTrimmed('/proc/filesystems') ?? ''),
  );
}

export async function probeLoopDevices(op: Operation): Promise<Finding> {
  return probeKernelPart(op, 'loop', 'loop devices', () => existsSync('/dev/loop-control'));
}

/** Id-mapped mounts came in 5.12, below an overlay in 5.19. */
export function probeIdmappedMounts(): Finding {
  const subject = 'id-mapped mounts';
  if (isKernelAtLeast(release(), [5, 19]))
    return { subject, level: 'ok', found: 'in this kernel, also below overlays' };
  return { subject, level: 'missing', found: 'not in this kernel', advice: 'Linux 5.19 or later is needed' };
}

/** Something that is in the kernel already, or comes as a module when it is first used. */
async function probeKernelPart(
  op: Operation,
  module: string,
  subject: string,
  isThere: () => boolean,
): Promise<Finding> {
  if (isThere()) return { subject, level: 'ok', found: 'there' };
  if (await isModuleInstalled(op, module)) return { subject, level: 'ok', found: 'as a module, loaded at first use' };
  return {
    subject,
    level: 'missing',
    found: `neither in this kernel nor as a module "${module}"`,
    advice: 'use the kernel of the distribution; in a container or chroot: load it on the machine outside',
  };
}

async function isModuleInstalled(op: Operation, module: string): Promise<boolean> {
  try {
    const { exitCode } = await run(op, ['modprobe', '--dry-run', '--quiet', module], { okExitCodes: [0, 1] });
    return exitCode === 0;
  } catch (error) {
    if (hasCode(error, 'TOOL_MISSING')) return false;
    throw error;
  }
}
