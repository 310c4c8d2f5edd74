/**
 * Targets that every system has and that images without the systemd package have no files for: text as in a unit file. A file of the same name wins. The dependencies are
 * those of systemd's own files, without what has no meaning in a sandbox (swap, local file systems to mount, cryptsetup).
 */
export const BUILTIN_UNITS: Readonly<Record<string, string>> = {
  'default.target': alias('multi-user.target'),
  'multi-user.target': target('Multi-User System', 'Requires=basic.target\nAfter=basic.target\nAllowIsolate=yes'),
  'graphical.target': target(
    'Graphical Interface',
    'Requires=multi-user.target\nAfter=multi-user.target\nAllowIsolate=yes',
  ),
  'basic.target': target(
    'Basic System',
    'Requires=sysinit.target\nWants=sockets.target timers.target paths.target\nAfter=sysinit.target sockets.target paths.target',
  ),
  'sysinit.target': target('System Initialization', 'Wants=local-fs.target\nAfter=local-fs.target', 'early'),
  'local-fs.target': target('Local File Systems', '', 'early'),
  'local-fs-pre.target': target('Preparation for Local File Systems', '', 'early'),
  'remote-fs.target': target('Remote File Systems', ''),
  'remote-fs-pre.target': target('Preparation for Remote File Systems', ''),
  'network.target': target('Network', 'After=network-pre.target'),
  'network-pre.target': target('Preparation for Network', ''),
  'network-online.target': target('Network is Online', 'After=network.target'),
  'nss-lookup.target': target('Host and Network Name Lookups', ''),
  'nss-user-lookup.target': target('User and Group Name Lookups', ''),
  'rpcbind.target': target('RPC Port Mapper', ''),
  'time-sync.target': target('System Time Synchronized', ''),
  'time-set.target': target('System Time Set', ''),
  'sockets.target': target('Socket Units', ''),
  'timers.target': target('Timer Units', ''),
  'paths.target': target('Path Units', ''),
  'getty.target': target('Login Prompts', ''),
  'shutdown.target': target('System Shutdown', '', 'early'),
  // rsyslog requires it. What it stands for, the socket of the journal, is lohar's own and there before any unit.
  'syslog.socket': target('Syslog Socket', '', 'early'),
  'umount.target': target('Unmount All Filesystems', '', 'early'),
};

function target(description: string, lines: string, when: 'early' | 'normal' = 'normal'): string {
  const early = when === 'early' ? 'DefaultDependencies=no\n' : '';
  return `[Unit]\nDescription=${description}\n${early}${lines}\n`;
}

/** A line that only this table has; `load.ts` reads it. */
function alias(name: string): string {
  return `alias ${name}`;
}
