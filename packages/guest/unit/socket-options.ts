import type { SocketOption } from '@bhatti/sys/network/socket.ts';
import type { ListenSpec, SocketSettings } from './trigger-settings.ts';

type Setting = readonly [SocketOption, number | string];

/** Without these a socket would not be what was asked for: they are set before it is bound, and a refusal is a failure. */
export function bindingOptions(settings: SocketSettings, { kind, address }: ListenSpec): Setting[] {
  const isIp = address.family === 'inet' || address.family === 'inet6';
  if (!isIp) return [];
  const { bindIpv6Only, reusePort, freeBind, transparent, bindToDevice } = settings;
  const isSix = address.family === 'inet6';
  return [
    ...when(kind === 'Stream', ['SO_REUSEADDR', 1]),
    ...when(isSix && bindIpv6Only !== 'default', ['IPV6_V6ONLY', bindIpv6Only === 'ipv6-only' ? 1 : 0]),
    ...when(reusePort, ['SO_REUSEPORT', 1]),
    ...when(freeBind, ['IP_FREEBIND', 1]),
    ...when(transparent, [isSix ? 'IPV6_TRANSPARENT' : 'IP_TRANSPARENT', 1]),
    ...(bindToDevice === undefined ? [] : [['SO_BINDTODEVICE', bindToDevice] as const]),
  ];
}

/** A refusal of these is said and no more. Connections have them from the socket that they come in on. */
export function tuningOptions(settings: SocketSettings, { kind, address }: ListenSpec): Setting[] {
  const isIp = address.family === 'inet' || address.family === 'inet6';
  const isTcp = isIp && kind === 'Stream';
  const isSix = address.family === 'inet6';
  return [
    ...when(settings.keepAlive, ['SO_KEEPALIVE', 1]),
    ...(isTcp ? tcpOptions(settings) : []),
    ...number('SO_PRIORITY', settings.priority),
    ...number('SO_RCVBUF', settings.receiveBufferBytes),
    ...number('SO_SNDBUF', settings.sendBufferBytes),
    ...number('SO_MARK', settings.mark),
    ...(isIp ? number('IP_TOS', settings.ipTos) : []),
    ...(isIp ? number(isSix ? 'IPV6_UNICAST_HOPS' : 'IP_TTL', settings.ipTtl) : []),
    ...when(settings.broadcast, ['SO_BROADCAST', 1]),
    ...when(settings.passCredentials, ['SO_PASSCRED', 1]),
    ...when(settings.passPacketInfo && isIp, [isSix ? 'IPV6_RECVPKTINFO' : 'IP_PKTINFO', 1]),
  ];
}

function tcpOptions(settings: SocketSettings): Setting[] {
  const { keepAliveTimeMs, keepAliveIntervalMs, keepAliveProbes, deferAcceptMs, noDelay, tcpCongestion } = settings;
  return [
    ...number('TCP_KEEPIDLE', seconds(keepAliveTimeMs)),
    ...number('TCP_KEEPINTVL', seconds(keepAliveIntervalMs)),
    ...number('TCP_KEEPCNT', keepAliveProbes),
    ...number('TCP_DEFER_ACCEPT', seconds(deferAcceptMs)),
    ...when(noDelay, ['TCP_NODELAY', 1]),
    ...(tcpCongestion === undefined ? [] : [['TCP_CONGESTION', tcpCongestion] as const]),
  ];
}

function when(holds: boolean, setting: Setting): Setting[] {
  return holds ? [setting] : [];
}

function number(option: SocketOption, value: number | undefined): Setting[] {
  return value === undefined ? [] : [[option, value]];
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(Math.ceil(ms / 1_000), 0x7fff);
}
