import { release } from 'node:os';

import type { Finding } from './finding.ts';
import { tryReadTrimmed } from './proc-file.ts';

export function probeRoot(): Finding {
  const uid = process.getuid?.() ?? -1;
  if (uid === 0) return { subject: 'root', level: 'ok', found: 'running as root' };
  return {
    subject: 'root',
    level: 'warn',
    found: `running as uid ${uid}, so some of what follows cannot be seen`,
    advice: 'run "sudo bhatti doctor"; the daemon needs root',
  };
}

export function probeDistribution(): Finding {
  const fields = parseOsRelease(tryReadTrimmed('/etc/os-release') ?? '');
  const found = fields['PRETTY_NAME'] ?? 'unknown';
  if (fields['ID'] === 'debian' && fields['VERSION_ID'] === '12')
    return { subject: 'distribution', level: 'ok', found };
  return {
    subject: 'distribution',
    level: 'warn',
    found: `${found}: untested`,
    advice: 'only Debian 12 is tested; where the rest of this list is fine it should work',
  };
}

/** `KEY=value` and `KEY="value"` lines, os-release(5). */
export function parseOsRelease(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z0-9_]+)=(['"]?)(.*)\2$/.exec(line.trim());
      return match === null ? [] : [[match[1] ?? '', match[3] ?? '']];
    }),
  );
}

const neededKernel = [5, 19] as const; // id-mapped layers below an overlay

export function probeKernel(): Finding {
  const found = `Linux ${release()}, ${process.arch}`;
  if (!isKernelAtLeast(release(), neededKernel))
    return {
      subject: 'kernel',
      level: 'missing',
      found,
      advice: `Linux ${neededKernel.join('.')} or later is needed; Debian 12 has 6.1`,
    };
  if (process.arch !== 'x64') return { subject: 'kernel', level: 'warn', found, advice: 'only x86-64 is tested' };
  return { subject: 'kernel', level: 'ok', found };
}

export function isKernelAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}

export function probeUserNamespaces(): Finding {
  const limit = tryReadTrimmed('/proc/sys/user/max_user_namespaces');
  if (limit === undefined)
    return {
      subject: 'user namespaces',
      level: 'missing',
      found: 'this kernel has none',
      advice: 'use a kernel with CONFIG_USER_NS',
    };
  if (limit === '0')
    return {
      subject: 'user namespaces',
      level: 'missing',
      found: 'switched off',
      advice: 'sysctl -w user.max_user_namespaces=15000, and the same line in /etc/sysctl.d/',
    };
  return { subject: 'user namespaces', level: 'ok', found: `up to ${limit}` };
}
