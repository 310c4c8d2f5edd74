import { absolute, boolean, byteSize, eachWord, keyword, octal, timeout, timeSpan } from './directive-value.ts';
import { DIRECTIVES, type Directive } from './directive-table.ts';
import { parseSocketAddress } from './socket-address.ts';
import { expandSpecifiers } from './specifier.ts';
import { count } from './trigger-directive.ts';
import type { ListenKind, SocketSettings } from './trigger-settings.ts';
import { parseUnitName } from './unit-name.ts';

/** [Socket] of systemd.socket(5), without what it shares with [Service]: `socketDirective` has both. */
export const SOCKET_DIRECTIVES: Readonly<Record<string, Directive>> = {
  ListenStream: listen('Stream'),
  ListenDatagram: listen('Datagram'),
  ListenSequentialPacket: listen('SequentialPacket'),
  ListenFIFO: listen('FIFO'),
  ListenSpecial: listen('Special'),
  ListenNetlink: refused('ListenNetlink'),
  ListenMessageQueue: refused('ListenMessageQueue'),
  ListenUSBFunction: refused('ListenUSBFunction'),
  SocketProtocol: refused('SocketProtocol'),
  Service({ socket }, value, unit) {
    const name = expandSpecifiers(value, unit);
    if (parseUnitName(name)?.type !== 'service')
      throw new SyntaxError(`Unit must be of type service, ignoring: ${name}`);
    socket.unit = name;
  },
  Accept: flag('accept'),
  Writable: flag('writable'),
  FlushPending: flag('flushPending'),
  MaxConnections: ({ socket }, value) => void (socket.maxConnections = count(value)),
  MaxConnectionsPerSource: ({ socket }, value) => void (socket.maxConnectionsPerSource = count(value)),
  Backlog: ({ socket }, value) => void (socket.backlog = Math.min(count(value), 0x7fff_ffff)),
  BindIPv6Only: ({ socket }, value) =>
    void (socket.bindIpv6Only = keyword(value, ['default', 'both', 'ipv6-only'], 'bind IPv6 only value')),
  BindToDevice: ({ socket }, value, unit) => void (socket.bindToDevice = text(expandSpecifiers(value, unit))),
  SocketUser: ({ socket }, value, unit) => void (socket.socketUser = text(expandSpecifiers(value, unit))),
  SocketGroup: ({ socket }, value, unit) => void (socket.socketGroup = text(expandSpecifiers(value, unit))),
  SocketMode: ({ socket }, value) => void (socket.socketMode = octal(value)),
  DirectoryMode: ({ socket }, value) => void (socket.directoryMode = octal(value)),
  KeepAlive: flag('keepAlive'),
  KeepAliveTimeSec: ({ socket }, value) => void (socket.keepAliveTimeMs = timeSpan(value)),
  KeepAliveIntervalSec: ({ socket }, value) => void (socket.keepAliveIntervalMs = timeSpan(value)),
  KeepAliveProbes: ({ socket }, value) => void (socket.keepAliveProbes = count(value)),
  DeferAcceptSec: ({ socket }, value) => void (socket.deferAcceptMs = timeSpan(value)),
  NoDelay: flag('noDelay'),
  Priority: ({ socket }, value) => void (socket.priority = signed(value)),
  ReceiveBuffer: ({ socket }, value) => void (socket.receiveBufferBytes = bytes(value)),
  SendBuffer: ({ socket }, value) => void (socket.sendBufferBytes = bytes(value)),
  IPTOS: ({ socket }, value) => void (socket.ipTos = serviceType(value)),
  IPTTL: ({ socket }, value) => void (socket.ipTtl = count(value)),
  Mark: ({ socket }, value) => void (socket.mark = count(value)),
  ReusePort: flag('reusePort'),
  FreeBind: flag('freeBind'),
  Transparent: flag('transparent'),
  Broadcast: flag('broadcast'),
  PassCredentials: flag('passCredentials'),
  PassPacketInfo: flag('passPacketInfo'),
  TCPCongestion: ({ socket }, value) => void (socket.tcpCongestion = text(value)),
  PipeSize: ({ socket }, value) => void (socket.pipeSizeBytes = bytes(value)),
  TimeoutSec: ({ socket }, value) => void (socket.timeoutMs = timeout(value)),
  RemoveOnStop: flag('removeOnStop'),
  Symlinks({ socket }, value, unit) {
    if (value === '') return void (socket.symlinks = []);
    eachWord(value, unit, (path) => socket.symlinks.push(absolute(path)));
  },
  FileDescriptorName({ socket }, value, unit) {
    const name = expandSpecifiers(value, unit);
    // eslint-disable-next-line no-control-regex -- these are what a name may not have
    if (/[:\u0000-\u001f\u007f-\uffff]/.test(name) || name.length > 255)
      throw new SyntaxError(`Invalid file descriptor name, ignoring: ${name}`);
    socket.fileDescriptorName = text(name);
  },
  TriggerLimitIntervalSec: ({ socket }, value) => void (socket.triggerLimit.intervalMs = timeSpan(value)),
  TriggerLimitBurst: ({ socket }, value) => void (socket.triggerLimit.burst = count(value)),
  // What a service calls ExecStop= is what a socket does before it closes.
  ExecStopPre: (draft, value, unit) => DIRECTIVES['Service']?.['ExecStop']?.(draft, value, unit),
};

const ofServicesOnly =
  /^(Type|ExitType|BusName|RemainAfterExit|GuessMainPID|PIDFile|ExecCondition|ExecStart|ExecReload|ExecStop|Restart(Sec|\w+ExitStatus)?|Timeout\w+|RuntimeMaxSec|RuntimeRandomizedExtraSec|WatchdogSec|NotifyAccess|SuccessExitStatus|StartLimit\w+|FileDescriptorStoreMax|OOMPolicy|Sockets|NonBlocking)$/;

/** A directive of [Socket]: its own, or one of the many about processes that it shares with [Service]. */
export function socketDirective(key: string): Directive | undefined {
  return SOCKET_DIRECTIVES[key] ?? (ofServicesOnly.test(key) ? undefined : DIRECTIVES['Service']?.[key]);
}

type Flag = { [K in keyof SocketSettings]: SocketSettings[K] extends boolean ? K : never }[keyof SocketSettings];

function flag(key: Flag): Directive {
  return ({ socket }, value) => void (socket[key] = boolean(value));
}

/** An empty value forgets what the others listen on, too. */
function listen(kind: ListenKind): Directive {
  return ({ socket }, value, unit) => {
    if (value === '') return void (socket.listen = []);
    const address = expandSpecifiers(value, unit);
    if (kind === 'FIFO' || kind === 'Special') {
      socket.listen.push({ kind, address: { family: 'unix', path: absolute(address) } });
      return;
    }
    try {
      const parsed = parseSocketAddress(address);
      if (kind === 'SequentialPacket' && (parsed.family === 'inet' || parsed.family === 'inet6'))
        throw new TypeError(`Address family not supported, ignoring: ${address}`);
      socket.listen.push({ kind, address: parsed });
    } catch (error) {
      if (error instanceof TypeError) throw new SyntaxError(error.message);
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`Failed to parse address value in '${address}', ignoring: ${error.message}`);
    }
  };
}

function refused(key: string): Directive {
  return ({ socket }, value) => void (socket.refused = value === '' ? undefined : key);
}

function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function signed(value: string): number {
  if (!/^[+-]?\d{1,9}$/.test(value)) throw new SyntaxError(`Failed to parse int value, ignoring: ${value}`);
  return Number(value);
}

function bytes(value: string): number {
  const size = byteSize(value);
  if (size === undefined || size > 0x7fff_ffff) throw new SyntaxError(`Failed to parse size value, ignoring: ${value}`);
  return size;
}

/** ip(7), IP_TOS. */
const serviceTypes: Readonly<Record<string, number>> = {
  'low-delay': 16,
  throughput: 8,
  reliability: 4,
  'low-cost': 2,
};

function serviceType(value: string): number {
  const number = serviceTypes[value] ?? (/^\d{1,3}$/.test(value) ? Number(value) : 256);
  if (number > 255) throw new SyntaxError(`Failed to parse IP TOS value, ignoring: ${value}`);
  return number;
}
