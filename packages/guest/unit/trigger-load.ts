import type { UnitDraft } from './definition.ts';
import { isWithoutEffect, type Directive } from './directive-table.ts';
import { PATH_DIRECTIVES } from './path-directive-table.ts';
import { SOCKET_DIRECTIVES, socketDirective } from './socket-directive-table.ts';
import { TIMER_DIRECTIVES } from './timer-directive-table.ts';
import type { SocketSettings, TriggerSettings } from './trigger-settings.ts';
import type { UnitName, UnitType } from './unit-name.ts';

/** What works in these sections; in [Socket] beside what it shares with [Service]. */
export const TRIGGER_DIRECTIVES: Readonly<Record<string, Readonly<Record<string, Directive>>>> = {
  Timer: TIMER_DIRECTIVES,
  Socket: SOCKET_DIRECTIVES,
  Path: PATH_DIRECTIVES,
};

/** The section that only files of this type of unit have, with its directives. */
const TRIGGER_SECTIONS: Readonly<
  Partial<Record<UnitType, { readonly name: string; readonly directive: (key: string) => Directive | undefined }>>
> = {
  timer: { name: 'Timer', directive: (key) => TIMER_DIRECTIVES[key] },
  socket: { name: 'Socket', directive: socketDirective },
  path: { name: 'Path', directive: (key) => PATH_DIRECTIVES[key] },
};

export function isTriggerSection(section: string, type: UnitType): boolean {
  return TRIGGER_SECTIONS[type]?.name === section;
}

export function triggerDirective(section: string, key: string, type: UnitType): Directive | undefined {
  return isTriggerSection(section, type) ? TRIGGER_SECTIONS[type]?.directive(key) : undefined;
}

export function isTriggerKeyWithoutEffect(section: string, key: string): boolean {
  return isWithoutEffect(section, key) || (section === 'Socket' && isWithoutEffect('Service', key));
}

/** Undefined for units that start no others. */
export function triggerOf(unit: UnitName, draft: UnitDraft): TriggerSettings | undefined {
  if (unit.type === 'timer') return draft.timer;
  if (unit.type === 'socket') return { ...draft.socket, exec: draft.service };
  return unit.type === 'path' ? draft.path : undefined;
}

/** The unit that it starts. A socket with `Accept=yes` starts a new one for each connection. */
export function triggeredName(unit: UnitName, settings: TriggerSettings): string | undefined {
  if (settings.kind === 'socket' && settings.accept) return undefined;
  return settings.unit ?? `${unit.name.slice(0, -unit.type.length)}service`;
}

/** What makes systemd refuse the whole unit, in its words. */
export function refusalOfTrigger(settings: TriggerSettings): string | undefined {
  switch (settings.kind) {
    case 'timer':
      return settings.values.length > 0 || settings.onClockChange || settings.onTimezoneChange
        ? undefined
        : 'Timer unit lacks value setting. Refusing.';
    case 'path':
      return settings.paths.length > 0 ? undefined : 'Path unit lacks path setting. Refusing.';
    case 'socket':
      return refusalOfSocket(settings);
  }
}

function refusalOfSocket(settings: SocketSettings): string | undefined {
  const { listen, accept, maxConnections, unit, symlinks, refused } = settings;
  if (refused !== undefined) return `${refused}= is not supported here. Refusing.`;
  if (listen.length === 0)
    return 'Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.';
  if (accept && listen.some(({ kind }) => kind !== 'Stream' && kind !== 'SequentialPacket'))
    return 'Unit configured for accepting sockets, but sockets are non-accepting. Refusing.';
  if (accept && maxConnections === 0) return 'MaxConnection= setting too small. Refusing.';
  if (accept && unit !== undefined)
    return 'Explicit service configuration for accepting socket units not supported. Refusing.';
  if (symlinks.length > 0 && listen.filter(({ address }) => address.family === 'unix').length !== 1)
    return 'Unit has symlinks set but none or more than one node in the file system. Refusing.';
  return undefined;
}

const targets = { timer: 'timers.target', socket: 'sockets.target', path: 'paths.target' } as const;

/** systemd.timer(5), systemd.socket(5), systemd.path(5): "Implicit Dependencies" and "Default Dependencies". */
export function addTriggerDependencies(unit: UnitName, draft: UnitDraft, settings: TriggerSettings): void {
  const { dependencies } = draft;
  const triggered = triggeredName(unit, settings);
  if (triggered !== undefined) {
    dependencies.Triggers.add(triggered);
    dependencies.Before.add(triggered);
  }
  if (!draft.defaultDependencies) return;
  dependencies.Requires.add('sysinit.target');
  dependencies.After.add('sysinit.target');
  dependencies.Before.add(targets[settings.kind]).add('shutdown.target');
  dependencies.Conflicts.add('shutdown.target');
  if (settings.kind === 'timer' && settings.values.some(({ kind }) => kind === 'calendar'))
    dependencies.After.add('time-set.target').add('time-sync.target');
}
