import { hostnameOf } from '@bhatti/base/host-name.ts';
import { agentListenFd, guestExecutable } from '@bhatti/wire/guest-paths.ts';
import { unifiedDirectory, controllerDirectory, type CgroupLayout } from '@bhatti/sys/cgroup/layout.ts';
import { delegatedControllers } from '@bhatti/sys/cgroup/group.ts';
import { maxOpenFiles } from '@bhatti/sys/process/limit.ts';
import { existsSync } from 'node:fs';
import type { SandboxSpec } from '../engine.ts';
import { capabilities } from './capability-table.ts';
import type { ResourceLimits } from './limits.ts';
import { seccompArchitectures, seccompRules } from './seccomp-table.ts';
import { rangeSize, type UidRange } from './uid-range.ts';

export interface BundleRequest {
  readonly spec: SandboxSpec;
  readonly executable: string;
  readonly rootfs: string;
  readonly limits: ResourceLimits;
  readonly uids: UidRange;
  readonly userNamespace: string;
  readonly networkNamespace: string;
  readonly cgroups: CgroupLayout;
  /** Group of the sandbox, relative to each hierarchy. */
  readonly cgroupPath: string;
}

interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The bundle's config.json (OCI runtime specification 1.0.2). */
export function bundleConfig(request: BundleRequest) {
  const mapping = [{ containerID: 0, hostID: request.uids.first, size: rangeSize }];
  return {
    ociVersion: '1.0.2',
    hostname: hostnameOf(request.spec.name),
    root: { path: request.rootfs, readonly: false },
    process: processConfig(),
    mounts: mounts(request),
    linux: {
      cgroupsPath: `/${request.cgroupPath}`,
      uidMappings: mapping,
      gidMappings: mapping,
      namespaces: [
        { type: 'user', path: request.userNamespace },
        { type: 'network', path: request.networkNamespace },
        ...['pid', 'mount', 'ipc', 'uts', 'cgroup'].map((type) => ({ type })),
      ],
      resources: { devices: [{ allow: false, access: 'rwm' }], ...request.limits },
      sysctl: sysctls(),
      seccomp: {
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: 1,
        architectures: [seccompArchitectures[process.arch]].filter((name) => name !== undefined),
        syscalls: seccompRules,
      },
      maskedPaths,
      readonlyPaths,
      rootfsPropagation: 'rprivate',
    },
  };
}

function processConfig() {
  return {
    user: { uid: 0, gid: 0 },
    cwd: '/',
    args: ['/usr/lib/bhatti/init'],
    env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'LANG=en_US.UTF-8',
      'HOME=/root',
      'container=bhatti',
      `BHATTI_AGENT_FD=${agentListenFd}`,
    ],
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      // Empty, or a program of uid 1000 could keep them across execve (CVE-2022-24769).
      inheritable: [],
      ambient: [],
    },
    rlimits: [
      { type: 'RLIMIT_NOFILE', soft: 1024, hard: Math.min(524_288, maxOpenFiles()) }, // as systemd has it: select(2) fails above 1024; nobody in a user namespace may raise it
      { type: 'RLIMIT_CORE', soft: 0, hard: 0 }, // the host's core_pattern must not see guests
    ],
    noNewPrivileges: false, // sudo
  };
}

function mounts(request: BundleRequest): OciMount[] {
  const memoryMib = request.spec.memoryMib;
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
    tmpfs('/dev', ['nosuid', 'noexec', 'mode=755', 'size=1m']),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    // Pages of these count as the sandbox's memory; half of it is what a distribution gives as well.
    tmpfs('/dev/shm', ['nosuid', 'nodev', 'noexec', 'mode=1777', `size=${Math.max(Math.floor(memoryMib / 2), 1)}m`]),
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    tmpfs('/run', ['nosuid', 'nodev', 'mode=755', `size=${Math.max(Math.floor(memoryMib / 5), 16)}m`]),
    tmpfs('/run/lock', ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=5m']),
    ...cgroupMounts(request),
    {
      destination: guestExecutable,
      type: 'bind',
      source: request.executable,
      options: ['bind', 'ro', 'nosuid', 'nodev'],
    },
  ];
}

function tmpfs(destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

/**
 * The delegated subtrees, writable. On a host of the second version the group itself is /sys/fs/cgroup; on others there is `unified` (no controllers: tracking and cgroup.kill), and `memory`,
 * `pids` and `cpu`.
 */
function cgroupMounts({ cgroups, cgroupPath }: BundleRequest): OciMount[] {
  const options = ['nosuid', 'noexec', 'nodev', 'rw'];
  if (cgroups.version === 2) return [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options }];
  const subtrees = [
    ['unified', unifiedDirectory(cgroups, cgroupPath)] as const,
    ...delegatedControllers.map((name) => [name, controllerDirectory(cgroups, name, cgroupPath)] as const),
  ];
  return [
    tmpfs('/sys/fs/cgroup', ['nosuid', 'noexec', 'nodev', 'mode=755', 'size=64k']),
    ...subtrees.flatMap(([name, source]) =>
      source === undefined
        ? []
        : [{ destination: `/sys/fs/cgroup/${name}`, type: 'bind', source, options: ['bind', ...options] }],
    ),
  ];
}

function sysctls(): Record<string, string> {
  return {
    // Root inside has no NET_RAW, and needs none for ping, nor for ports below 1024.
    'net.ipv4.ping_group_range': '0 65535',
    'net.ipv4.ip_unprivileged_port_start': '0',
    // No IPv6 to the outside, since the rules of the network are IPv4's; ::1 stays, programs expect it.
    ...(existsSync('/proc/sys/net/ipv6/conf/all')
      ? { 'net.ipv6.conf.eth0.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' }
      : {}),
  };
}

/** What container tools hide of /proc and /sys: facts about the host, and switches that are not namespaced. */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
