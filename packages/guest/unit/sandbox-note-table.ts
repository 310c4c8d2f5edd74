import { LIMITS } from './exec-settings.ts';

const protects = 'needs mounts of its own, which a container sandbox does not allow: the unit starts without it';
const shows =
  'needs mounts of its own, which a container sandbox does not allow: the unit fails with 226/NAMESPACE, unless nothing is shown at another place';
const group = 'where the host hands this controller down, which it does unless its administrator took it away';
const limits = 'no higher than the sandbox’s own hard limit: what is asked beyond becomes that';

/** For docs/units.md: what of a directive depends on the sandbox. Where it does not work, the unit fares as under systemd in a container with the same rights. */
export const SANDBOX_NOTES: Readonly<Record<string, string>> = {
  PrivateTmp: protects,
  PrivateDevices: `${protects}; it loses CAP_MKNOD and CAP_SYS_RAWIO everywhere`,
  PrivateMounts: protects,
  ProtectSystem: protects,
  ProtectHome: protects,
  ProtectKernelTunables: `${protects}; /proc/sys is read-only in every container sandbox`,
  ProtectKernelModules: `${protects}; it loses CAP_SYS_MODULE everywhere`,
  ProtectKernelLogs: `${protects}; it loses CAP_SYSLOG everywhere`,
  ProtectClock: 'takes CAP_SYS_TIME and CAP_WAKE_ALARM away, which nobody has in a container sandbox',
  ProtectControlGroups: protects,
  ReadOnlyPaths: protects,
  ReadOnlyDirectories: protects,
  ReadWritePaths: protects,
  ReadWriteDirectories: protects,
  InaccessiblePaths: protects,
  InaccessibleDirectories: protects,
  BindPaths: shows,
  BindReadOnlyPaths: shows,
  TemporaryFileSystem: shows,
  RootDirectory: `${shows}; with \`MountAPIVFS=no\` it is a plain chroot(2), which works everywhere`,
  MountAPIVFS: 'off, a root directory needs no mounts',
  PrivateNetwork: 'in a container sandbox the unit starts without it, with a warning',
  PrivateIPC: 'in a container sandbox the unit starts without it, with a warning',
  ProtectHostname:
    'in a container sandbox the unit starts without it, with a warning; nobody may change the host name there',
  PrivateUsers: 'in a container sandbox the unit goes without it; systemd would fail it',
  DynamicUser:
    'a uid of 61184 to 65519 that is the unit’s own and the same each time; the name is known to the unit alone, state stays in `/var/lib/NAME`, and there is no read-only view of the system with it',
  Nice: 'below 0 in a container sandbox the unit runs with 0',
  OOMScoreAdjust: 'below 0 in a container sandbox the unit keeps 0',
  CPUSchedulingPolicy: 'with `fifo` and `rr` in a container sandbox the unit fails with 214/SETSCHEDULER',
  CPUSchedulingPriority: 'with `fifo` and `rr`, which a container sandbox does not allow',
  IOSchedulingClass: 'with `realtime` in a container sandbox the unit fails with 211/IOPRIO',
  CapabilityBoundingSet: 'of those that root has in the sandbox',
  AmbientCapabilities: 'of those that root has in the sandbox; others are left out',
  CPUQuota: group,
  CPUQuotaPeriodSec: group,
  CPUWeight: group,
  CPUShares: group,
  MemoryMax: group,
  MemoryLimit: group,
  MemorySwapMax: `${group}, and where it counts swap`,
  MemoryMin: 'on hosts with control groups of the second version',
  MemoryLow: 'on hosts with control groups of the second version',
  MemoryHigh: 'on hosts with control groups of the second version',
  TasksMax: group,
  ...Object.fromEntries(Object.keys(LIMITS).map((name) => [`Limit${name}`, limits])),
};
