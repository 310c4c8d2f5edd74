import type { SocketAddress } from '@bhatti/sys/network/socket-address.ts';
import type { CalendarSpec } from './calendar.ts';
import type { ServiceSettings } from './definition.ts';

/** Starting points of `OnActiveSec=` and its kin, as `systemctl show` names them. */
export type MonotonicBase = 'OnActive' | 'OnBoot' | 'OnStartup' | 'OnUnitActive' | 'OnUnitInactive';

export type TimerValue =
  | { readonly kind: 'monotonic'; readonly base: MonotonicBase; readonly spanUs: number }
  | { readonly kind: 'calendar'; readonly spec: CalendarSpec };

/** systemd.timer(5). */
export interface TimerSettings {
  readonly kind: 'timer';
  /** The unit to start; undefined: the service of the same name. */
  unit: string | undefined;
  values: TimerValue[];
  onClockChange: boolean;
  onTimezoneChange: boolean;
  accuracyMs: number;
  randomizedDelayMs: number;
  fixedRandomDelay: boolean;
  persistent: boolean;
  remainAfterElapse: boolean;
}

export type ListenKind = 'Stream' | 'Datagram' | 'SequentialPacket' | 'FIFO' | 'Special';

/** One `ListenX=` line. FIFOs and special files are addressed by path. */
export interface ListenSpec {
  readonly kind: ListenKind;
  readonly address: SocketAddress;
}

/** systemd.socket(5). Undefined leaves a socket's option as the kernel has it. */
export interface SocketSettings {
  readonly kind: 'socket';
  unit: string | undefined;
  listen: ListenSpec[];
  /** A `ListenX=` that cannot be in a sandbox: the unit is refused. */
  refused: string | undefined;
  accept: boolean;
  writable: boolean;
  flushPending: boolean;
  maxConnections: number;
  maxConnectionsPerSource: number;
  backlog: number;
  bindIpv6Only: 'default' | 'both' | 'ipv6-only';
  bindToDevice: string | undefined;
  socketUser: string | undefined;
  socketGroup: string | undefined;
  socketMode: number;
  directoryMode: number;
  keepAlive: boolean;
  keepAliveTimeMs: number | undefined;
  keepAliveIntervalMs: number | undefined;
  keepAliveProbes: number | undefined;
  deferAcceptMs: number | undefined;
  noDelay: boolean;
  priority: number | undefined;
  receiveBufferBytes: number | undefined;
  sendBufferBytes: number | undefined;
  ipTos: number | undefined;
  ipTtl: number | undefined;
  mark: number | undefined;
  reusePort: boolean;
  freeBind: boolean;
  transparent: boolean;
  broadcast: boolean;
  passCredentials: boolean;
  passPacketInfo: boolean;
  tcpCongestion: string | undefined;
  pipeSizeBytes: number | undefined;
  timeoutMs: number;
  removeOnStop: boolean;
  symlinks: string[];
  fileDescriptorName: string | undefined;
  triggerLimit: TriggerLimit;
  /** What its commands run under: `ExecStopPre=` stands in `execStop`. */
  exec: ServiceSettings | undefined;
}

export type PathKind = 'PathExists' | 'PathExistsGlob' | 'PathChanged' | 'PathModified' | 'DirectoryNotEmpty';

export interface PathSpec {
  readonly kind: PathKind;
  readonly path: string;
}

/** systemd.path(5). */
export interface PathSettings {
  readonly kind: 'path';
  unit: string | undefined;
  paths: PathSpec[];
  makeDirectory: boolean;
  directoryMode: number;
  triggerLimit: TriggerLimit;
}

/** How often a unit may be started by its trigger; either of the two at 0 is no limit. */
export interface TriggerLimit {
  intervalMs: number;
  /** Undefined: the default, which depends on the rest. */
  burst: number | undefined;
}

export type TriggerSettings = TimerSettings | SocketSettings | PathSettings;

export function newTimerSettings(): TimerSettings {
  return {
    kind: 'timer',
    unit: undefined,
    values: [],
    onClockChange: false,
    onTimezoneChange: false,
    accuracyMs: 60_000,
    randomizedDelayMs: 0,
    fixedRandomDelay: false,
    persistent: false,
    remainAfterElapse: true,
  };
}

export function newSocketSettings(): SocketSettings {
  return {
    kind: 'socket',
    unit: undefined,
    listen: [],
    refused: undefined,
    accept: false,
    writable: false,
    flushPending: false,
    maxConnections: 64,
    maxConnectionsPerSource: 0,
    backlog: 0x7fff_ffff,
    bindIpv6Only: 'default',
    bindToDevice: undefined,
    socketUser: undefined,
    socketGroup: undefined,
    socketMode: 0o666,
    directoryMode: 0o755,
    keepAlive: false,
    keepAliveTimeMs: undefined,
    keepAliveIntervalMs: undefined,
    keepAliveProbes: undefined,
    deferAcceptMs: undefined,
    noDelay: false,
    priority: undefined,
    receiveBufferBytes: undefined,
    sendBufferBytes: undefined,
    ipTos: undefined,
    ipTtl: undefined,
    mark: undefined,
    reusePort: false,
    freeBind: false,
    transparent: false,
    broadcast: false,
    passCredentials: false,
    passPacketInfo: false,
    tcpCongestion: undefined,
    pipeSizeBytes: undefined,
    timeoutMs: 90_000,
    removeOnStop: false,
    symlinks: [],
    fileDescriptorName: undefined,
    triggerLimit: { intervalMs: 2_000, burst: undefined },
    exec: undefined,
  };
}

export function newPathSettings(): PathSettings {
  return {
    kind: 'path',
    unit: undefined,
    paths: [],
    makeDirectory: false,
    directoryMode: 0o755,
    triggerLimit: { intervalMs: 2_000, burst: undefined },
  };
}

/** systemd's defaults: one service instance for each of many connections, or few starts of one service. */
export function triggerBurst(settings: SocketSettings | PathSettings): number {
  return settings.triggerLimit.burst ?? (settings.kind === 'socket' && !settings.accept ? 20 : 200);
}
