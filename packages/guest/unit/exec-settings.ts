/** Resource limits of setrlimit(2) that `LimitX=` sets, with their options of prlimit(1) and their lines of /proc/PID/limits. */
export const LIMITS = {
  CPU: { option: 'cpu', line: 'Max cpu time', unit: 'seconds' },
  FSIZE: { option: 'fsize', line: 'Max file size', unit: 'bytes' },
  DATA: { option: 'data', line: 'Max data size', unit: 'bytes' },
  STACK: { option: 'stack', line: 'Max stack size', unit: 'bytes' },
  CORE: { option: 'core', line: 'Max core file size', unit: 'bytes' },
  RSS: { option: 'rss', line: 'Max resident set', unit: 'bytes' },
  NOFILE: { option: 'nofile', line: 'Max open files', unit: 'number' },
  AS: { option: 'as', line: 'Max address space', unit: 'bytes' },
  NPROC: { option: 'nproc', line: 'Max processes', unit: 'number' },
  MEMLOCK: { option: 'memlock', line: 'Max locked memory', unit: 'bytes' },
  LOCKS: { option: 'locks', line: 'Max file locks', unit: 'number' },
  SIGPENDING: { option: 'sigpending', line: 'Max pending signals', unit: 'number' },
  MSGQUEUE: { option: 'msgqueue', line: 'Max msgqueue size', unit: 'bytes' },
  NICE: { option: 'nice', line: 'Max nice priority', unit: 'nice' },
  RTPRIO: { option: 'rtprio', line: 'Max realtime priority', unit: 'number' },
  RTTIME: { option: 'rttime', line: 'Max realtime timeout', unit: 'microseconds' },
} as const;
export type LimitName = keyof typeof LIMITS;

/** In the kernel's unit of the limit; Infinity is none. */
export interface LimitPair {
  readonly soft: number;
  readonly hard: number;
}

export const CPU_POLICIES = { other: 0, fifo: 1, rr: 2, batch: 3, idle: 5 } as const;
export type CpuPolicy = keyof typeof CPU_POLICIES;

export const IO_CLASSES = { none: 0, realtime: 1, 'best-effort': 2, idle: 3 } as const;
export type IoClass = keyof typeof IO_CLASSES;

/** By their bits (include/uapi/linux/securebits.h). */
export const SECURE_BITS = [
  'noroot',
  'noroot-locked',
  'no-setuid-fixup',
  'no-setuid-fixup-locked',
  'keep-caps',
  'keep-caps-locked',
] as const;
export type SecureBit = (typeof SECURE_BITS)[number];

/** A path of a sandboxing list: `-` before it forgives that it is missing. */
export interface ListedPath {
  readonly path: string;
  readonly isOptional: boolean;
}

export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  readonly isOptional: boolean;
  readonly isRecursive: boolean;
}

/** A service's own view of the system: systemd.exec(5), "Paths" and "Sandboxing". */
export interface SandboxingSettings {
  rootDirectory: string | undefined;
  mountApiVfs: boolean | undefined;
  dynamicUser: boolean;
  privateTmp: boolean;
  privateDevices: boolean;
  privateNetwork: boolean;
  privateIpc: boolean;
  privateUsers: boolean;
  privateMounts: boolean;
  protectSystem: 'no' | 'yes' | 'full' | 'strict';
  protectHome: 'no' | 'yes' | 'read-only' | 'tmpfs';
  protectKernelTunables: boolean;
  protectKernelModules: boolean;
  protectKernelLogs: boolean;
  protectControlGroups: boolean;
  protectClock: boolean;
  protectHostname: boolean;
  readOnlyPaths: ListedPath[];
  readWritePaths: ListedPath[];
  inaccessiblePaths: ListedPath[];
  bindMounts: BindMount[];
  temporaryFileSystems: { readonly path: string; readonly options: string }[];
}

/** What systemd.exec(5) adds to a program's plain environment. */
export interface ExecSettings {
  limits: Map<LimitName, LimitPair>;
  ioClass: IoClass | undefined;
  ioPriority: number | undefined;
  cpuPolicy: CpuPolicy | undefined;
  cpuPriority: number;
  cpuResetOnFork: boolean;
  cpuAffinity: Set<number>;
  oomScoreAdjust: number | undefined;
  timerSlackNs: number | undefined;
  ignoreSigpipe: boolean;
  noNewPrivileges: boolean;
  /** Undefined is all of them. */
  boundingCapabilities: Set<string> | undefined;
  ambientCapabilities: Set<string>;
  secureBits: Set<SecureBit>;
  searchPath: string[];
  ttyPath: string;
  /** `StandardInputText=` and `StandardInputData=`, in order. */
  inputData: Uint8Array[];
  /** Files, by the name of the credential. */
  loadedCredentials: Map<string, string>;
  setCredentials: Map<string, string>;
  syslogLevel: number;
  syslogLevelPrefix: boolean;
  logLevelMax: number | undefined;
  sandboxing: SandboxingSettings;
}

export function newExecSettings(): ExecSettings {
  return {
    limits: new Map(),
    ioClass: undefined,
    ioPriority: undefined,
    cpuPolicy: undefined,
    cpuPriority: 0,
    cpuResetOnFork: false,
    cpuAffinity: new Set(),
    oomScoreAdjust: undefined,
    timerSlackNs: undefined,
    ignoreSigpipe: true,
    noNewPrivileges: false,
    boundingCapabilities: undefined,
    ambientCapabilities: new Set(),
    secureBits: new Set(),
    searchPath: [],
    ttyPath: '/dev/console',
    inputData: [],
    loadedCredentials: new Map(),
    setCredentials: new Map(),
    syslogLevel: 6,
    syslogLevelPrefix: true,
    logLevelMax: undefined,
    sandboxing: newSandboxingSettings(),
  };
}

function newSandboxingSettings(): SandboxingSettings {
  return {
    rootDirectory: undefined,
    mountApiVfs: undefined,
    dynamicUser: false,
    privateTmp: false,
    privateDevices: false,
    privateNetwork: false,
    privateIpc: false,
    privateUsers: false,
    privateMounts: false,
    protectSystem: 'no',
    protectHome: 'no',
    protectKernelTunables: false,
    protectKernelModules: false,
    protectKernelLogs: false,
    protectControlGroups: false,
    protectClock: false,
    protectHostname: false,
    readOnlyPaths: [],
    readWritePaths: [],
    inaccessiblePaths: [],
    bindMounts: [],
    temporaryFileSystems: [],
  };
}
