import { parseCalendar } from './calendar.ts';
import { boolean, timeSpan } from './directive-value.ts';
import type { Directive } from './directive-table.ts';
import { expandSpecifiers } from './specifier.ts';
import { isTimeZone } from './time-zone.ts';
import { parseTimeSpan } from './time-span.ts';
import { triggeredUnit } from './trigger-directive.ts';
import type { MonotonicBase } from './trigger-settings.ts';

/** [Timer] of systemd.timer(5). */
export const TIMER_DIRECTIVES: Readonly<Record<string, Directive>> = {
  OnActiveSec: monotonic('OnActive'),
  OnBootSec: monotonic('OnBoot'),
  OnStartupSec: monotonic('OnStartup'),
  OnUnitActiveSec: monotonic('OnUnitActive'),
  OnUnitInactiveSec: monotonic('OnUnitInactive'),
  OnCalendar({ timer }, value, unit) {
    if (value === '') return void (timer.values = []);
    const text = expandSpecifiers(value, unit);
    const spec = parseCalendar(text, isTimeZone);
    if (spec === undefined) throw new SyntaxError(`Failed to parse calendar specification, ignoring: ${text}`);
    timer.values.push({ kind: 'calendar', spec });
  },
  OnClockChange: ({ timer }, value) => void (timer.onClockChange = boolean(value)),
  OnTimezoneChange: ({ timer }, value) => void (timer.onTimezoneChange = boolean(value)),
  AccuracySec: ({ timer }, value) => void (timer.accuracyMs = timeSpan(value)),
  RandomizedDelaySec: ({ timer }, value) => void (timer.randomizedDelayMs = timeSpan(value)),
  FixedRandomDelay: ({ timer }, value) => void (timer.fixedRandomDelay = boolean(value)),
  Persistent: ({ timer }, value) => void (timer.persistent = boolean(value)),
  RemainAfterElapse: ({ timer }, value) => void (timer.remainAfterElapse = boolean(value)),
  Unit: (draft, value, unit) => triggeredUnit(draft.timer, value, unit),
};

/** An empty value forgets calendar events too. */
function monotonic(base: MonotonicBase): Directive {
  return ({ timer }, value, unit) => {
    if (value === '') return void (timer.values = []);
    const text = expandSpecifiers(value, unit);
    const ms = parseTimeSpan(text);
    if (ms === undefined || ms === Infinity) throw new SyntaxError(`Failed to parse timer value, ignoring: ${text}`);
    timer.values.push({ kind: 'monotonic', base, spanUs: Math.round(ms * 1_000) });
  };
}
