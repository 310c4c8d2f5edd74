import { isatty } from 'node:tty';
import { getopt, lastValue, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';

export interface RunCommand {
  readonly kind: 'service' | 'scope' | 'timer';
  readonly unit: string | undefined;
  readonly description: string | undefined;
  readonly argv: readonly string[];
  readonly properties: string[];
  readonly timerProperties: string[];
  /** Of `--setenv`, for a scope, whose command has this program's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly isWaiting: boolean;
  readonly isQueued: boolean;
  readonly isQuiet: boolean;
  readonly isPiped: boolean;
  readonly isTerminal: boolean;
}

const timerOptions: Readonly<Record<string, string>> = {
  'on-active': 'OnActiveSec',
  'on-boot': 'OnBootSec',
  'on-startup': 'OnStartupSec',
  'on-unit-active': 'OnUnitActiveSec',
  'on-unit-inactive': 'OnUnitInactiveSec',
  'on-calendar': 'OnCalendar',
};

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    system: 'flag',
    user: 'flag',
    host: 'value',
    machine: 'value',
    scope: 'flag',
    unit: 'value',
    property: 'value',
    description: 'value',
    slice: 'value',
    'slice-inherit': 'flag',
    'no-block': 'flag',
    'remain-after-exit': 'flag',
    wait: 'flag',
    'send-sighup': 'flag',
    'service-type': 'value',
    uid: 'value',
    gid: 'value',
    nice: 'value',
    'working-directory': 'value',
    'same-dir': 'flag',
    setenv: 'value',
    pty: 'flag',
    pipe: 'flag',
    quiet: 'flag',
    collect: 'flag',
    shell: 'flag',
    'path-property': 'value',
    'socket-property': 'value',
    'timer-property': 'value',
    'on-timezone-change': 'flag',
    'on-clock-change': 'flag',
    'no-ask-password': 'flag',
    ...Object.fromEntries(Object.keys(timerOptions).map((name) => [name, 'value' as const])),
  },
  shorts: {
    h: 'help',
    H: 'host',
    M: 'machine',
    u: 'unit',
    p: 'property',
    r: 'remain-after-exit',
    E: 'setenv',
    t: 'pty',
    P: 'pipe',
    q: 'quiet',
    G: 'collect',
    S: 'shell',
    d: 'same-dir',
  },
};

/** The command line of systemd-run(1). Throws a UsageError in its words. */
export function parseRun(args: readonly string[]): RunCommand | 'help' | 'version' {
  const parsed = getopt('systemd-run', args, table, 'leading');
  const has = (name: string) => parsed.options.has(name);
  if (has('help')) return 'help';
  if (has('version')) return 'version';
  if (has('user')) throw new UsageError('Failed to connect to bus: No medium found');
  if (has('host') || has('machine')) throw new UsageError('Failed to connect to bus: Host is down');
  const isShell = has('shell');
  const argv = isShell && parsed.words.length === 0 ? [process.env['SHELL'] ?? '/bin/sh'] : parsed.words;
  const timerProperties = timerPropertiesOf(parsed);
  if (has('path-property') || has('socket-property'))
    throw new UsageError('Transient path and socket units are not supported here.');
  const kind = has('scope') ? 'scope' : timerProperties.length > 0 ? 'timer' : 'service';
  if (argv.length === 0 && kind !== 'timer') throw new UsageError('Command line to execute required.');
  const isWaiting = has('wait') || isShell;
  refuse(isWaiting && has('no-block'), '--wait may not be combined with --no-block.');
  refuse(isWaiting && kind === 'scope', '--wait may not be combined with --scope.');
  refuse(
    has('scope') && has('remain-after-exit'),
    '--remain-after-exit and --service-type= are not supported in --scope mode.',
  );
  refuse(isWaiting && kind === 'timer', '--wait may not be combined with path, socket, or timer operations.');
  // Both: a terminal where there is one.
  const wantsTerminal = has('pty') || isShell;
  const isTerminal = wantsTerminal && [0, 1, 2].every((fd) => isatty(fd));
  return {
    kind,
    unit: lastValue(parsed, 'unit'),
    description: lastValue(parsed, 'description'),
    argv,
    properties: kind === 'scope' ? scopeProperties(parsed) : serviceProperties(parsed),
    timerProperties,
    env: kind === 'scope' ? Object.fromEntries(environmentOf(parsed)) : {},
    isWaiting,
    isQueued: has('no-block'),
    isQuiet: has('quiet'),
    isPiped: has('pipe') || (wantsTerminal && !isTerminal),
    isTerminal,
  };
}

function timerPropertiesOf(parsed: Parsed): string[] {
  const times = Object.entries(timerOptions).flatMap(([option, property]) =>
    (parsed.options.get(option) ?? []).map((value) => `${property}=${value}`),
  );
  const changes = ['on-timezone-change', 'on-clock-change'].filter((name) => parsed.options.has(name));
  if (changes.length > 0)
    times.push(...changes.map((name) => `${name === 'on-clock-change' ? 'OnClockChange' : 'OnTimezoneChange'}=yes`));
  return times.length === 0 ? [] : [...times, 'RemainAfterElapse=no', ...(parsed.options.get('timer-property') ?? [])];
}

/** What holds for every kind. */
function scopeProperties(parsed: Parsed): string[] {
  return [
    ...(parsed.options.has('collect') ? ['CollectMode=inactive-or-failed'] : []),
    ...values(parsed, 'slice').map((slice) => `Slice=${slice.endsWith('.slice') ? slice : `${slice}.slice`}`),
    ...(parsed.options.get('property') ?? []),
  ];
}

function serviceProperties(parsed: Parsed): string[] {
  const nice = lastValue(parsed, 'nice');
  refuse(nice !== undefined && !/^-?(1?\d|20)$/.test(nice), `Failed to parse nice value: ${nice}`);
  const directory = parsed.options.has('same-dir') ? process.cwd() : lastValue(parsed, 'working-directory');
  return [
    ...values(parsed, 'service-type').map((type) => `Type=${type}`),
    ...(parsed.options.has('remain-after-exit') ? ['RemainAfterExit=yes'] : []),
    ...(parsed.options.has('send-sighup') || parsed.options.has('shell') ? ['SendSIGHUP=yes'] : []),
    ...values(parsed, 'uid').map((user) => `User=${user}`),
    ...values(parsed, 'gid').map((group) => `Group=${group}`),
    ...(nice === undefined ? [] : [`Nice=${nice}`]),
    ...(directory === undefined ? [] : [`WorkingDirectory=${directory.replaceAll('%', '%%')}`]),
    ...environmentOf(parsed).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    ...scopeProperties(parsed),
  ];
}

/** A name alone has the value that it has here. */
function environmentOf(parsed: Parsed): [string, string][] {
  return (parsed.options.get('setenv') ?? []).map((text) => {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    refuse(!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name), `Cannot assign environment variable ${text}: Invalid argument`);
    return [name, equals === -1 ? (process.env[name] ?? '') : text.slice(equals + 1)];
  });
}

function quoted(text: string): string {
  return `"${text.replaceAll('%', '%%').replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function values(parsed: Parsed, name: string): string[] {
  const value = lastValue(parsed, name);
  return value === undefined ? [] : [value];
}

function refuse(isWrong: boolean, message: string): void {
  if (isWrong) throw new UsageError(message);
}

export const RUN_USAGE = `systemd-run [OPTIONS...] COMMAND [ARGUMENTS...]

Run the specified command in a transient scope or service.

  -h --help                       Show this help
     --version                    Show package version
     --scope                      Run this as scope rather than service
  -u --unit=UNIT                  Run under the specified unit name
  -p --property=NAME=VALUE        Set service or scope unit property
     --description=TEXT           Description for unit
     --slice=SLICE                Run in the specified slice
     --no-block                   Do not wait until operation finished
  -r --remain-after-exit          Leave service around until explicitly stopped
     --wait                       Wait until service stopped again
     --send-sighup                Send SIGHUP when terminating
     --service-type=TYPE          Service type
     --uid=USER                   Run as system user
     --gid=GROUP                  Run as system group
     --nice=NICE                  Nice level
     --working-directory=PATH     Set working directory
  -d --same-dir                   Inherit working directory from caller
  -E --setenv=NAME[=VALUE]        Set environment variable
  -t --pty                        Run service on pseudo TTY as STDIN/STDOUT/STDERR
  -P --pipe                       Pass STDIN/STDOUT/STDERR directly to service
  -q --quiet                      Suppress information messages during runtime
  -G --collect                    Unload unit after it ran, even when failed
  -S --shell                      Invoke a $SHELL interactively
     --on-active=SECONDS          Run after SECONDS delay
     --on-boot=SECONDS            Run SECONDS after machine was booted up
     --on-startup=SECONDS         Run SECONDS after systemd activation
     --on-unit-active=SECONDS     Run SECONDS after the last activation
     --on-unit-inactive=SECONDS   Run SECONDS after the last deactivation
     --on-calendar=SPEC           Realtime timer
     --timer-property=NAME=VALUE  Set timer unit property
`;
