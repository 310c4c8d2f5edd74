import type { Step } from './case.ts';

/** `systemctl show` of what a state consists of. */
export function state(...units: string[]): string {
  return `systemctl show -p Id,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus ${units.join(' ')}`;
}

export function active(...units: string[]): string {
  return `systemctl is-active ${units.join(' ')}`;
}

/** Waits until a unit's sub state is this. */
export function reaches(unit: string, subState: string): Step {
  return { until: `test "$(systemctl show -p SubState --value ${unit})" = ${subState}` };
}

/** Waits until a file of the case holds a line. */
export function written(line: string, file = 'out'): Step {
  return { until: `grep -qxF -e '${line}' /X/${file}` };
}

/** What the journal has of a unit, without who said it when. */
export function journal(unit: string): string {
  return `journalctl --sync 2>/dev/null; journalctl --no-pager -u ${unit} | sed 's/^[^]]*\\]: //'`;
}

/** A service that lives until it is stopped and writes its name when it starts and when it stops. */
export function noting(name: string, unit = '', service = ''): string {
  return `[Unit]
${unit}
[Service]
ExecStartPre=/bin/sh -c 'echo +${name} >>/X/out'
ExecStart=/bin/sleep 1000
ExecStopPost=/bin/sh -c 'echo -${name} >>/X/out'
${service}
`;
}

/** A service of one line that ends well. */
export function oneshot(command: string, more = ''): string {
  return `[Service]
Type=oneshot
ExecStart=${command}
${more}
`;
}
