import { readFileSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import { shellLink, type ExecLink } from './exec-chain.ts';
import { LIMITS, type LimitName, type LimitPair } from './exec-settings.ts';
import type { SandboxAbilities } from './sandbox-ability.ts';

/** What the programs of util-linux set on the shell they are called by, for the program that replaces it. */
export function attributeLinks(settings: ServiceSettings, abilities: SandboxAbilities): ExecLink[] {
  const { exec } = settings;
  return [
    // As systemd has it: who may not go as low goes as low as he may, and nobody may lower what kills him last in a user namespace.
    ...(settings.nice === undefined ? [] : [shellLink('renice -n "$1" -p $$ >/dev/null 2>&1', String(settings.nice))]),
    ...(exec.oomScoreAdjust === undefined
      ? []
      : [shellLink('{ echo "$1" >/proc/self/oom_score_adj; } 2>/dev/null', String(exec.oomScoreAdjust))]),
    ...ioLinks(settings),
    ...cpuLinks(settings),
    ...(exec.timerSlackNs === undefined
      ? []
      : [
          shellLink(
            `{ echo "$1" >/proc/self/timerslack_ns; } 2>/dev/null || bhatti_fail 212 TIMERSLACK 'Failed to set up timer slack' 'Operation not permitted'`,
            String(exec.timerSlackNs),
          ),
        ]),
    // After all that needs processes and memory of its own.
    ...limitLinks(exec.limits, abilities),
    // A program that writes into a closed pipe is told so, not killed (systemd.exec(5), IgnoreSIGPIPE=).
    ...(exec.ignoreSigpipe ? [shellLink("trap '' PIPE")] : []),
  ];
}

/** Whether some of it is root's to set. */
export function needsRootForAttributes(settings: ServiceSettings, abilities: SandboxAbilities): boolean {
  const { cpuPolicy, ioClass, limits, oomScoreAdjust } = settings.exec;
  return (
    (settings.nice ?? 0) < 0 ||
    (oomScoreAdjust ?? 0) < 0 ||
    cpuPolicy === 'fifo' ||
    cpuPolicy === 'rr' ||
    ioClass === 'realtime' ||
    (limits.size > 0 && abilities.capabilities.has('CAP_SYS_RESOURCE'))
  );
}

/** Limits as they are where no unit says anything. */
export function inheritedLimits(): ReadonlyMap<LimitName, LimitPair> {
  const text = readFileSync('/proc/self/limits', 'utf8');
  return new Map(
    limitNames().flatMap((name) => {
      const columns = new RegExp(`^${LIMITS[name].line}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(text);
      return columns === null ? [] : [[name, { soft: limitOf(columns[1]), hard: limitOf(columns[2]) }] as const];
    }),
  );
}

export function limitNames(): LimitName[] {
  // SAFETY: the keys of a constant table.
  return Object.keys(LIMITS) as LimitName[];
}

function limitOf(column = 'unlimited'): number {
  return column === 'unlimited' ? Infinity : Number(column);
}

function limitLinks(limits: ReadonlyMap<LimitName, LimitPair>, abilities: SandboxAbilities): ExecLink[] {
  if (limits.size === 0) return [];
  const inherited = abilities.capabilities.has('CAP_SYS_RESOURCE') ? undefined : inheritedLimits();
  const options = [...limits].map(([name, { soft, hard }]) => {
    // Who may not raise a limit gets the most that there is, as systemd does it.
    const most = inherited?.get(name)?.hard ?? Infinity;
    return `--${LIMITS[name].option}=${formatLimit(Math.min(soft, most))}:${formatLimit(Math.min(hard, most))}`;
  });
  const parameters = options.map((_, at) => `"\${${at + 1}}"`).join(' ');
  return [
    shellLink(
      `prlimit --pid $$ ${parameters} >/dev/null 2>&1 || bhatti_fail 205 LIMITS 'Failed to adjust resource limits' 'Operation not permitted'`,
      ...options,
    ),
  ];
}

function formatLimit(value: number): string {
  return value === Infinity ? 'unlimited' : String(value);
}

function ioLinks({ exec: { ioClass, ioPriority } }: ServiceSettings): ExecLink[] {
  if (ioClass === undefined && ioPriority === undefined) return [];
  const number = { none: '0', realtime: '1', 'best-effort': '2', idle: '3' }[ioClass ?? 'best-effort'];
  const level = number === '1' || number === '2' ? [String(ioPriority ?? 4)] : [];
  const options = level.length > 0 ? '-c "$1" -n "$2"' : '-c "$1"';
  return [
    shellLink(
      `ionice ${options} -p $$ >/dev/null 2>&1 || bhatti_fail 211 IOPRIO 'Failed to set up IO scheduling priority' 'Operation not permitted'`,
      number,
      ...level,
    ),
  ];
}

function cpuLinks({ exec }: ServiceSettings): ExecLink[] {
  const { cpuPolicy, cpuPriority, cpuResetOnFork, cpuAffinity } = exec;
  const isRealtime = cpuPolicy === 'fifo' || cpuPolicy === 'rr';
  return [
    ...(cpuPolicy === undefined
      ? []
      : [
          shellLink(
            `chrt "$1" ${cpuResetOnFork ? '-R ' : ''}-p "$2" $$ >/dev/null 2>&1 || bhatti_fail 214 SETSCHEDULER 'Failed to set up CPU scheduling' 'Operation not permitted'`,
            `--${cpuPolicy}`,
            String(isRealtime ? Math.max(1, cpuPriority) : 0),
          ),
        ]),
    ...(cpuAffinity.size === 0
      ? []
      : [
          shellLink(
            `taskset -cp "$1" $$ >/dev/null 2>&1 || bhatti_fail 215 CPUAFFINITY 'Failed to set up CPU affinity' 'Invalid argument'`,
            [...cpuAffinity].join(','),
          ),
        ]),
  ];
}
