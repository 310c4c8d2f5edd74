import { formatCalendar } from '../unit/calendar.ts';
import type { PathUnit } from '../unit/path.ts';
import { formatSocketAddress } from '../unit/socket-address.ts';
import type { SocketUnit } from '../unit/socket.ts';
import { formatSpanUs } from '../unit/time-span.ts';
import type { TimerUnit } from '../unit/timer.ts';
import { monotonicTime } from '../unit/timer-next.ts';
import { nextElapse } from '../unit/calendar-next.ts';
import type { AnyTrigger } from '../unit/trigger.ts';
import { triggerBurst, type TimerValue } from '../unit/trigger-settings.ts';
import { formatTimestamp } from './text-time.ts';

/** Properties of `systemctl show` that timers, sockets and paths have of their own, in systemd's order. */
export function triggerProperties(trigger: AnyTrigger, name: string, triggers: readonly string[]): [string, string][] {
  switch (trigger.kind) {
    case 'timer':
      return timerProperties(trigger, triggers);
    case 'socket':
      return socketProperties(trigger, name);
    case 'path':
      return pathProperties(trigger, triggers);
  }
}

function timerProperties(trigger: TimerUnit, triggers: readonly string[]): [string, string][] {
  const settings = trigger.settings();
  const { record } = trigger;
  const isWaiting = record.state === 'waiting';
  const values = settings.values.toReversed().map((value) => valueProperty(trigger, value));
  return [
    ['Unit', triggers.join(' ')],
    ['TimersMonotonic', values.filter((text) => !text.startsWith('{ OnCalendar')).join('\n')],
    ['TimersCalendar', values.filter((text) => text.startsWith('{ OnCalendar')).join('\n')],
    ['OnClockChange', yesNo(settings.onClockChange)],
    ['OnTimezoneChange', yesNo(settings.onTimezoneChange)],
    ['NextElapseUSecRealtime', isWaiting ? formatTimestamp(record.nextUs ?? 0) : ''],
    [
      'NextElapseUSecMonotonic',
      isWaiting && record.nextBootUs !== undefined ? formatSpanUs(record.nextBootUs) : 'infinity',
    ],
    ['LastTriggerUSec', formatTimestamp(record.lastTriggerUs ?? 0)],
    ['LastTriggerUSecMonotonic', formatSpanUs(record.lastTriggerBootUs ?? 0)],
    ['Result', record.result],
    ['AccuracyUSec', span(settings.accuracyMs)],
    ['RandomizedDelayUSec', span(settings.randomizedDelayMs)],
    ['FixedRandomDelay', yesNo(settings.fixedRandomDelay)],
    ['Persistent', yesNo(settings.persistent)],
    ['WakeSystem', 'no'],
    ['RemainAfterElapse', yesNo(settings.remainAfterElapse)],
  ];
}

function valueProperty(trigger: TimerUnit, value: TimerValue): string {
  const facts = trigger.facts();
  if (value.kind === 'monotonic') {
    const next = monotonicTime(value, { ...facts, spent: [] });
    const isKnown = next !== undefined && trigger.activeState() === 'active';
    return `{ ${value.base}USec=${formatSpanUs(value.spanUs)} ; next_elapse=${isKnown ? formatSpanUs(next) : '0'} }`;
  }
  const next =
    trigger.activeState() === 'active' ? nextElapse(value.spec, facts.lastTriggerUs ?? facts.activatedUs) : undefined;
  return `{ OnCalendar=${formatCalendar(value.spec)} ; next_elapse=${next === undefined ? 'n/a' : formatTimestamp(next)} }`;
}

function socketProperties(trigger: SocketUnit, name: string): [string, string][] {
  const settings = trigger.settings();
  const { record } = trigger;
  return [
    ['BindIPv6Only', settings.bindIpv6Only],
    ['Backlog', String(settings.backlog)],
    ['TimeoutUSec', span(settings.timeoutMs)],
    ['BindToDevice', settings.bindToDevice ?? ''],
    ['SocketUser', settings.socketUser ?? ''],
    ['SocketGroup', settings.socketGroup ?? ''],
    ['SocketMode', mode(settings.socketMode)],
    ['DirectoryMode', mode(settings.directoryMode)],
    ['Accept', yesNo(settings.accept)],
    ['FlushPending', yesNo(settings.flushPending)],
    ['Writable', yesNo(settings.writable)],
    ['KeepAlive', yesNo(settings.keepAlive)],
    ['KeepAliveTimeUSec', span(settings.keepAliveTimeMs ?? 0)],
    ['KeepAliveIntervalUSec', span(settings.keepAliveIntervalMs ?? 0)],
    ['KeepAliveProbes', String(settings.keepAliveProbes ?? 0)],
    ['DeferAcceptUSec', span(settings.deferAcceptMs ?? 0)],
    ['NoDelay', yesNo(settings.noDelay)],
    ['Priority', String(settings.priority ?? -1)],
    ['ReceiveBuffer', String(settings.receiveBufferBytes ?? 0)],
    ['SendBuffer', String(settings.sendBufferBytes ?? 0)],
    ['IPTOS', String(settings.ipTos ?? -1)],
    ['IPTTL', String(settings.ipTtl ?? -1)],
    ['PipeSize', String(settings.pipeSizeBytes ?? 0)],
    ['FreeBind', yesNo(settings.freeBind)],
    ['Transparent', yesNo(settings.transparent)],
    ['Broadcast', yesNo(settings.broadcast)],
    ['PassCredentials', yesNo(settings.passCredentials)],
    ['PassPacketInfo', yesNo(settings.passPacketInfo)],
    ['TCPCongestion', settings.tcpCongestion ?? ''],
    ['RemoveOnStop', yesNo(settings.removeOnStop)],
    ['Listen', settings.listen.map(({ kind, address }) => `${formatSocketAddress(address)} (${kind})`).join('\n')],
    ['Symlinks', settings.symlinks.join(' ')],
    ['Mark', String(settings.mark ?? -1)],
    ['MaxConnections', String(settings.maxConnections)],
    ['MaxConnectionsPerSource', String(settings.maxConnectionsPerSource)],
    ['ReusePort', yesNo(settings.reusePort)],
    ['ControlPID', String(record.commands.control?.pid ?? 0)],
    ['Result', record.result],
    ['NConnections', String(trigger.instances.connections.names().length)],
    ['NAccepted', String(record.accepted)],
    ['NRefused', String(record.refused)],
    ['FileDescriptorName', settings.fileDescriptorName ?? name],
    ['TriggerLimitIntervalUSec', span(settings.triggerLimit.intervalMs)],
    ['TriggerLimitBurst', String(triggerBurst(settings))],
  ];
}

function pathProperties(trigger: PathUnit, triggers: readonly string[]): [string, string][] {
  const settings = trigger.settings();
  return [
    ['Unit', triggers.join(' ')],
    [
      'Paths',
      settings.paths
        .toReversed()
        .map(({ kind, path }) => `${path} (${kind})`)
        .join('\n'),
    ],
    ['MakeDirectory', yesNo(settings.makeDirectory)],
    ['DirectoryMode', mode(settings.directoryMode)],
    ['Result', trigger.record.result],
    ['TriggerLimitIntervalUSec', span(settings.triggerLimit.intervalMs)],
    ['TriggerLimitBurst', String(triggerBurst(settings))],
  ];
}

function span(ms: number): string {
  return formatSpanUs(ms * 1_000);
}

function mode(value: number): string {
  return value.toString(8).padStart(4, '0');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
