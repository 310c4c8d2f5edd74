/*
 * Units of every kind, for tests that kill their service manager. Each long-lived program can be told by its command line, whatever group it is in; each command of a oneshot leaves a line behind.
 */
export const killDir = '/var/tmp/kills';

export interface KillUnit {
  readonly name: string;
  readonly text: string;
  /** Regular expression of the command lines of its long-lived program, and how many of it there are while it runs. */
  readonly program?: { readonly pattern: string; readonly count: number };
  readonly verbs: readonly string[];
}

const all = ['start', 'stop', 'restart', 'try-restart', 'reload-or-restart', 'kill', 'enable --now', 'disable --now'];
const note = (what: string) => `/bin/sh -c 'echo "$$INVOCATION_ID ${what}" >>${killDir}/%N'`;

function sleeper(number: number, unit = '', service = ''): Pick<KillUnit, 'text' | 'program' | 'verbs'> {
  return {
    text: `[Unit]\n${unit}\n[Service]\nExecStart=/bin/sleep ${number}\n${service}\n[Install]\nWantedBy=kills.target\n`,
    program: { pattern: `^/bin/sleep ${number}$`, count: 1 },
    verbs: all,
  };
}

export const POPULATION: readonly KillUnit[] = [
  { name: 'k-simple.service', ...sleeper(910001) },
  { name: 'k-exec.service', ...sleeper(910002, '', 'Type=exec') },
  { name: 'k-idle.service', ...sleeper(910003, '', 'Type=idle') },
  {
    name: 'k-forking.service',
    text: "[Service]\nType=forking\nPIDFile=/run/k-forking.pid\nExecStart=/bin/sh -c '/bin/sleep 910004 & echo $! >/run/k-forking.pid'\n",
    program: { pattern: '^/bin/sleep 910004$', count: 1 },
    verbs: all.filter((verb) => !verb.includes('able')),
  },
  {
    name: 'k-guessed.service',
    text: "[Service]\nType=forking\nExecStart=/bin/sh -c '/bin/sleep 910005 &'\n",
    program: { pattern: '^/bin/sleep 910005$', count: 1 },
    verbs: all.filter((verb) => !verb.includes('able')),
  },
  {
    name: 'k-notify.service',
    text: `[Service]\nType=notify\nExecStart=/usr/bin/perl ${killDir}/notify.pl 910006\n`,
    program: { pattern: '^/usr/bin/perl .* 910006$', count: 1 },
    verbs: all.filter((verb) => !verb.includes('able')),
  },
  { name: 'k-slow-start.service', ...sleeper(910007, '', 'ExecStartPre=/bin/sleep 0.2') },
  {
    name: 'k-slow-stop.service',
    text: '[Service]\nExecStart=/bin/bash -c \'trap "sleep 0.2; exit 0" TERM; while :; do sleep 0.01; done # 910008\'\n',
    program: { pattern: '^/bin/bash -c .*910008$', count: 1 },
    verbs: ['start', 'stop', 'restart', 'try-restart'],
  },
  {
    name: 'k-around.service',
    ...sleeper(
      910009,
      '',
      ['StartPre', 'StartPre', 'StartPost', 'StartPost', 'Stop', 'StopPost', 'StopPost']
        .map((key, at) => `Exec${key}=${note(`${key}${at}`)}`)
        .join('\n'),
    ),
  },
  { name: 'k-always.service', ...sleeper(910010, 'StartLimitIntervalSec=0', 'Restart=always\nRestartSec=30ms') },
  { name: 'k-chain-a.service', ...sleeper(910011) },
  { name: 'k-chain-b.service', ...sleeper(910012, 'Requires=k-chain-a.service\nAfter=k-chain-a.service') },
  { name: 'k-chain-c.service', ...sleeper(910013, 'Requires=k-chain-b.service\nAfter=k-chain-b.service') },
  { name: 'k-bound.service', ...sleeper(910014, 'BindsTo=k-simple.service\nAfter=k-simple.service') },
  { name: 'k-part.service', ...sleeper(910015, 'PartOf=k-chain-a.service') },
  { name: 'k-rival.service', ...sleeper(910016, 'Conflicts=k-exec.service') },
  {
    name: 'k-reload.service',
    ...sleeper(910017, '', `ExecReload=${note('reload1')}\nExecReload=/bin/sleep 0.02\nExecReload=${note('reload2')}`),
    verbs: [...all, 'reload', 'reload'],
  },
  {
    name: 'k-once.service',
    text: `[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\n${['1', '2', '3', '4'].map((n) => `ExecStart=${note(n)}`).join('\n')}\n`,
    verbs: ['start', 'start --no-block'],
  },
  {
    name: 'k-once-slow.service',
    text: `[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=${note('1')}\nExecStart=/bin/sleep 0.05\nExecStart=-/bin/false\nExecStart=${note('2')}\nExecStart=/bin/sleep 0.1\nExecStart=${note('3')}\n`,
    verbs: ['start', 'start --no-block'],
  },
  {
    name: 'k-kept.service',
    text: `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=${note('1')}\nExecStart=${note('2')}\nExecStop=/bin/true\n`,
    verbs: ['start', 'stop', 'restart'],
  },
  {
    name: 'k-fails.service',
    text: '[Unit]\nStartLimitIntervalSec=0\nOnFailure=k-rescue.service\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
    verbs: ['start'],
  },
  { name: 'k-rescue.service', ...sleeper(910018), verbs: ['stop'] },
  {
    name: 'k-talks.service',
    text: `[Service]\nExecStart=/bin/sh -c 'n=0; while :; do n=$$((n+1)); echo "$$INVOCATION_ID $$n"; echo $$n >${killDir}/talked-$$INVOCATION_ID; sleep 0.02; done # 910019'\n`,
    program: { pattern: '^/bin/sh -c .*910019$', count: 1 },
    verbs: ['start', 'start', 'stop', 'restart', 'kill'],
  },
  {
    name: 'kills.target',
    text: '[Unit]\nWants=k-simple.service k-chain-c.service k-notify.service\n',
    verbs: ['start', 'stop', 'restart'],
  },
];

/** Oneshots that nothing interrupts: every run of theirs must be whole. */
export const WHOLE_RUNS: Readonly<Record<string, readonly string[]>> = {
  'k-once': ['1', '2', '3', '4'],
  'k-once-slow': ['1', '2', '3'],
};

export const NOTIFY_PROGRAM = `use Socket;
socket(S, PF_UNIX, SOCK_DGRAM, 0);
sub announce { send(S, $_[0], 0, sockaddr_un($ENV{NOTIFY_SOCKET})) }
$SIG{TERM} = sub { announce("STOPPING=1"); exit 0 };
announce("STATUS=warming up");
select(undef, undef, undef, 0.05);
announce("READY=1\\nSTATUS=all is well");
select(undef, undef, undef, 0.05) while 1;
`;
