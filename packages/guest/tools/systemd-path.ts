import { UNIT_DIRECTORIES } from '../unit/unit-path.ts';
import { print } from './print.ts';

/** The paths that packages and build systems ask for. */
const paths: Readonly<Record<string, string>> = {
  temporary: '/tmp',
  'temporary-large': '/var/tmp',
  'system-binaries': '/usr/bin',
  'system-include': '/usr/include',
  'system-library-private': '/usr/lib',
  'system-shared': '/usr/share',
  'system-configuration': '/etc',
  'system-runtime': '/run',
  'system-runtime-logs': '/run/log',
  'system-state-private': '/var/lib',
  'system-state-logs': '/var/log',
  'system-state-cache': '/var/cache',
  'system-state-spool': '/var/spool',
  'search-binaries-default': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'systemd-util': '/lib/systemd',
  'systemd-system-unit': '/lib/systemd/system',
  'systemd-system-preset': '/lib/systemd/system-preset',
  'systemd-system-conf': '/etc/systemd/system',
  'systemd-user-unit': '/usr/lib/systemd/user',
  'systemd-search-system-unit': UNIT_DIRECTORIES.join(':'),
  tmpfiles: '/usr/lib/tmpfiles.d',
  sysusers: '/usr/lib/sysusers.d',
  sysctl: '/usr/lib/sysctl.d',
};

/** systemd-path: where things are. */
export function main(args: readonly string[]): number {
  const words = args.filter((arg) => !arg.startsWith('-'));
  if (args.includes('--version')) return print('systemd 252 (bhatti)\n');
  if (words.length === 0)
    return print(
      Object.entries(paths)
        .map(([name, path]) => `${name}: ${path}\n`)
        .join(''),
    );
  const unknown = words.find((word) => !Object.hasOwn(paths, word));
  if (unknown !== undefined) {
    process.stderr.write(`Path ${unknown} not known.\n`);
    return 1;
  }
  return print(words.map((word) => `${paths[word]}\n`).join(''));
}
