import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { formatSocketAddress } from '../unit/socket-address.ts';
import type { Unit } from '../unit/unit.ts';
import { nextElapseUs } from './list-triggers.ts';
import { formatLeft, formatTimestamp } from './text-time.ts';

/** The lines of `systemctl status` about when a unit starts which other, as label and text: the label is empty where a text goes on. */
export function triggerLines(unit: Unit): [string, string][] {
  if (unit.body.kind !== 'trigger') return [];
  const { trigger } = unit.body;
  const triggers = [...unit.definition.dependencies.Triggers].map((name) => `● ${name}`);
  const lines: [string, string][] = [];
  if (trigger.kind === 'timer') {
    const nowUs = realtimeUs();
    const next = nextElapseUs(trigger, { nowUs, nowBootUs: boottimeUs() });
    lines.push(['Trigger', next === undefined ? 'n/a' : `${formatTimestamp(next)}; ${formatLeft(next, nowUs)}`]);
  }
  return [...lines, ...labelled('Triggers', triggers)];
}

/** Where a socket listens, and whom it serves. */
export function listenLines(unit: Unit): [string, string][] {
  if (unit.body.kind !== 'trigger' || unit.body.trigger.kind !== 'socket') return [];
  const { trigger } = unit.body;
  const { listen, accept } = trigger.settings();
  const lines = [
    ...labelled(
      'Listen',
      listen.map(({ kind, address }) => `${formatSocketAddress(address)} (${kind})`),
    ),
  ];
  if (!accept) return lines;
  const { accepted, refused } = trigger.record;
  const connected = trigger.instances.connections.names().length;
  const refusals = refused === 0 ? '' : `   Refused: ${refused}`;
  return [...lines, ['Accepted', `${accepted}; Connected: ${connected};${refusals}`]];
}

/** `TriggeredBy:`, with the state of each. */
export function triggeredByLines(triggers: readonly Unit[], dotOf: (unit: Unit) => string): [string, string][] {
  return labelled(
    'TriggeredBy',
    triggers.map((unit) => `${dotOf(unit)} ${unit.name}`),
  );
}

function labelled(label: string, texts: readonly string[]): [string, string][] {
  return texts.map((text, at) => [at === 0 ? label : '', text]);
}
