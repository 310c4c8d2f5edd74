import { existsSync } from 'node:fs';

import type { Finding } from './finding.ts';
import { tryReadTrimmed } from './proc-file.ts';

/**
 * What can be said about KVM without touching it: opening /dev/kvm can hang where it exists but does not work, so only the engine, in a process that
 * it can give up, ever does. Nothing here is needed: without KVM sandboxes are containers.
 */
export function probeKvm(): Finding {
  const subject = 'kvm';
  const cpu = tryReadTrimmed('/proc/cpuinfo') ?? '';
  const flags = new Set((/^flags\s*: (.*)$/m.exec(cpu)?.[1] ?? '').split(' '));
  const hasExtensions = flags.has('vmx') || flags.has('svm');
  const container = 'sandboxes are containers here, which need no KVM';
  if (!existsSync('/dev/kvm'))
    return { subject, level: 'ok', found: `none${hasExtensions ? ' (the module is not loaded)' : ''}; ${container}` };
  if (!hasExtensions)
    return {
      subject,
      level: 'warn',
      found: '/dev/kvm is there, but the processor shows neither vmx nor svm, so it cannot work as usual',
      advice: `nothing to do: ${container}`,
    };
  const nested = flags.has('hypervisor') ? ', nested in another virtual machine' : '';
  return { subject, level: 'ok', found: `/dev/kvm is there${nested}; not tried` };
}
