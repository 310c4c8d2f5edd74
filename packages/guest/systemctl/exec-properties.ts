import { CAPABILITIES } from '../unit/capability-table.ts';
import type { DirectorySetting, InputTarget, ServiceSettings } from '../unit/definition.ts';
import { CPU_POLICIES, IO_CLASSES, SECURE_BITS, type BindMount, type ListedPath } from '../unit/exec-settings.ts';
import { inheritedLimits, limitNames } from '../unit/process-attributes.ts';
import { groupLimits, unlimitedDirectives } from '../unit/resource-limits.ts';
import { oomPolicyOf } from '../unit/resource-settings.ts';
import { refusedDirectives } from '../unit/sandboxing.ts';
import type { Service } from '../unit/service.ts';
import { formatTimeSpan } from '../unit/time-span.ts';

type Properties = [string, string][];

/** What `show` says of a service's execution environment and resources, each value as systemd 252 prints it. */
export function execProperties(settings: ServiceSettings, { tree }: Service['host']): Properties {
  const { exec } = settings;
  return [
    ['OOMPolicy', oomPolicyOf(settings.resources)],
    ['Delegate', yesNo(settings.resources.delegate)],
    ...resourceProperties(settings, tree),
    ['UMask', octal(settings.umask)],
    ...limitProperties(settings),
    ['RootDirectory', exec.sandboxing.rootDirectory ?? ''],
    ['OOMScoreAdjust', String(exec.oomScoreAdjust ?? 0)],
    ['Nice', String(settings.nice ?? 0)],
    ['IOSchedulingClass', String(IO_CLASSES[exec.ioClass ?? 'best-effort'])],
    ['IOSchedulingPriority', String(exec.ioPriority ?? 4)],
    ['CPUSchedulingPolicy', String(CPU_POLICIES[exec.cpuPolicy ?? 'other'])],
    ['CPUSchedulingPriority', String(exec.cpuPriority)],
    ['CPUAffinity', ranges([...exec.cpuAffinity])],
    ['TimerSlackNSec', String(exec.timerSlackNs ?? 50_000)],
    ['CPUSchedulingResetOnFork', yesNo(exec.cpuResetOnFork)],
    ['StandardInput', inputOf(settings).kind],
    ['StandardInputData', Buffer.concat(exec.inputData).toString('base64')],
    ['StandardOutput', settings.standardOutput.kind],
    ['StandardError', settings.standardError.kind],
    ['TTYPath', exec.ttyPath === '/dev/console' ? '' : exec.ttyPath],
    ['SyslogIdentifier', settings.syslogIdentifier ?? ''],
    ['SyslogLevelPrefix', yesNo(exec.syslogLevelPrefix)],
    ['SyslogLevel', String(exec.syslogLevel)],
    ['LogLevelMax', String(exec.logLevelMax ?? -1)],
    [
      'SecureBits',
      String(SECURE_BITS.reduce((bits, bit, at) => (exec.secureBits.has(bit) ? bits | (1 << at) : bits), 0)),
    ],
    ['CapabilityBoundingSet', capabilities(exec.boundingCapabilities ?? new Set(CAPABILITIES))],
    ['AmbientCapabilities', capabilities(exec.ambientCapabilities)],
    ['PassEnvironment', settings.passEnvironment.join(' ')],
    ['UnsetEnvironment', settings.unsetEnvironment.join(' ')],
    ['ExecSearchPath', exec.searchPath.join(' ')],
    ['IgnoreSIGPIPE', yesNo(exec.ignoreSigpipe)],
    ['NoNewPrivileges', yesNo(exec.noNewPrivileges)],
    ...sandboxingProperties(settings),
    ...directoryProperties(settings),
  ];
}

/** Directives of the unit without effect: those that never have one, and those that this sandbox cannot grant. */
export function ignoredDirectives(ignored: readonly string[], service: Service | undefined): string[] {
  const settings = service?.definition.service;
  if (service === undefined || settings === undefined) return [...ignored];
  const { tree, abilities } = service.host;
  const here = [
    ...refusedDirectives(settings.exec.sandboxing, abilities),
    ...unlimitedDirectives(settings.resources, tree),
  ];
  return [...ignored, ...here.map((name) => `Service.${name}`)];
}

function resourceProperties({ resources }: ServiceSettings, tree: Service['host']['tree']): Properties {
  const limits = groupLimits(resources, tree);
  const { cpuQuota, cpuPeriodMs, cpuWeight } = limits;
  return [
    ['CPUWeight', resources.cpuWeight === undefined ? notSet : cpuWeight === 'idle' ? '0' : String(cpuWeight)],
    ['CPUShares', resources.cpuShares === undefined ? notSet : String(resources.cpuShares)],
    ['CPUQuotaPerSecUSec', cpuQuota === undefined ? 'infinity' : precise(cpuQuota)],
    ['CPUQuotaPeriodUSec', cpuPeriodMs === undefined ? 'infinity' : formatTimeSpan(cpuPeriodMs)],
    ['MemoryMin', amount(limits.memoryMinBytes ?? 0)],
    ['MemoryLow', amount(limits.memoryLowBytes ?? 0)],
    ['MemoryHigh', amount(limits.memoryHighBytes ?? Infinity)],
    ['MemoryMax', amount((resources.memoryMax === undefined ? undefined : limits.memoryMaxBytes) ?? Infinity)],
    ['MemorySwapMax', amount(limits.swapMaxBytes ?? Infinity)],
    ['MemoryLimit', amount((resources.memoryLimit === undefined ? undefined : limits.memoryMaxBytes) ?? Infinity)],
    ['TasksMax', amount(limits.tasksMax ?? Infinity)],
  ];
}

function limitProperties({ exec }: ServiceSettings): Properties {
  const inherited = inheritedLimits();
  return limitNames().flatMap((name) => {
    const { soft, hard } = exec.limits.get(name) ?? inherited.get(name) ?? { soft: Infinity, hard: Infinity };
    return [
      [`Limit${name}`, amount(hard)],
      [`Limit${name}Soft`, amount(soft)],
    ];
  });
}

function sandboxingProperties({ exec: { sandboxing } }: ServiceSettings): Properties {
  return [
    ['ReadWritePaths', paths(sandboxing.readWritePaths)],
    ['ReadOnlyPaths', paths(sandboxing.readOnlyPaths)],
    ['InaccessiblePaths', paths(sandboxing.inaccessiblePaths)],
    ['PrivateTmp', yesNo(sandboxing.privateTmp)],
    ['PrivateDevices', yesNo(sandboxing.privateDevices)],
    ['ProtectClock', yesNo(sandboxing.protectClock)],
    ['ProtectKernelTunables', yesNo(sandboxing.protectKernelTunables)],
    ['ProtectKernelModules', yesNo(sandboxing.protectKernelModules)],
    ['ProtectKernelLogs', yesNo(sandboxing.protectKernelLogs)],
    ['ProtectControlGroups', yesNo(sandboxing.protectControlGroups)],
    ['PrivateNetwork', yesNo(sandboxing.privateNetwork)],
    ['PrivateUsers', yesNo(sandboxing.privateUsers)],
    ['PrivateMounts', yesNo(sandboxing.privateMounts)],
    ['PrivateIPC', yesNo(sandboxing.privateIpc)],
    ['ProtectHome', sandboxing.protectHome],
    ['ProtectSystem', sandboxing.protectSystem],
    ['ProtectHostname', yesNo(sandboxing.protectHostname)],
    ['DynamicUser', yesNo(sandboxing.dynamicUser)],
    ['MountAPIVFS', yesNo(sandboxing.mountApiVfs ?? false)],
    ['BindPaths', binds(sandboxing.bindMounts.filter(({ isReadOnly }) => !isReadOnly))],
    ['BindReadOnlyPaths', binds(sandboxing.bindMounts.filter(({ isReadOnly }) => isReadOnly))],
    [
      'TemporaryFileSystem',
      sandboxing.temporaryFileSystems
        .map(({ path, options }) => (options === '' ? path : `${path}:${options}`))
        .join(' '),
    ],
  ];
}

function directoryProperties(settings: ServiceSettings): Properties {
  return [
    ['RuntimeDirectoryPreserve', settings.runtimeDirectoryPreserve],
    ...directory('RuntimeDirectory', settings.runtimeDirectory),
    ...directory('StateDirectory', settings.stateDirectory),
    ...directory('CacheDirectory', settings.cacheDirectory),
    ...directory('LogsDirectory', settings.logsDirectory),
    ...directory('ConfigurationDirectory', settings.configurationDirectory),
  ];
}

function directory(name: string, { names, links, mode }: DirectorySetting): Properties {
  return [
    [`${name}Symlink`, [...links].map(([link, target]) => `${target}:${link}`).join(' ')],
    [`${name}Mode`, octal(mode)],
    [name, names.join(' ')],
  ];
}

const notSet = '[not set]';

function inputOf({ standardInput, exec }: ServiceSettings): InputTarget {
  return standardInput ?? { kind: exec.inputData.length > 0 ? 'data' : 'null' };
}

/** CPU time within a second: six decimals from a whole second on, as there. */
function precise(cores: number): string {
  const whole = Math.floor(cores);
  if (whole < 1) return formatTimeSpan(cores * 1_000);
  return Number.isInteger(cores) ? formatTimeSpan(cores * 1_000) : `${cores.toFixed(6)}s`;
}

function amount(count: number): string {
  return count === Infinity ? 'infinity' : String(count);
}

function capabilities(names: ReadonlySet<string>): string {
  return CAPABILITIES.filter((name) => names.has(name))
    .map((name) => name.toLowerCase())
    .join(' ');
}

function paths(listed: readonly ListedPath[]): string {
  return listed.map(({ path, isOptional }) => `${isOptional ? '-' : ''}${path}`).join(' ');
}

function binds(mounts: readonly BindMount[]): string {
  return mounts
    .map(
      ({ source, destination, isOptional, isRecursive }) =>
        `${isOptional ? '-' : ''}${source}:${destination}${isRecursive ? ':rbind' : ''}`,
    )
    .join(' ');
}

/** `0-2 5`, as CPU sets are printed. */
function ranges(numbers: readonly number[]): string {
  const found: { first: number; last: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const current = found.at(-1);
    if (current?.last === number - 1) current.last = number;
    else found.push({ first: number, last: number });
  }
  return found.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(' ');
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
