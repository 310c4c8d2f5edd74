import type { CaseGroup } from '../case.ts';
import { oneshot, reaches, written } from '../phrases.ts';

const sleeping = (description: string, more = '') =>
  `[Unit]\nDescription=${description}\nDocumentation=man:sleep(1) https://example.org/doc\n[Service]\nExecStart=/bin/sleep 1000\n${more}`;

// Trees of dependencies, without slices.
const before = `X_a.service
○ ├─X_b.service
○ ├─X_c.service
○ └─X_t.target
○   ├─X_b.service
○   └─X_d.service
`;
const after = before.replaceAll('○', '●').replace('● ├─X_c', '× ├─X_c');
const all = `X_a.service
● ├─X_b.service
● │ └─X_d.service
× ├─X_c.service
● └─X_t.target
●   ├─X_b.service
●   │ └─X_d.service
●   └─X_d.service
`;

/** What systemctl prints: status, lists, trees. */
export const texts: CaseGroup = {
  name: 'texts',
  cases: [
    {
      id: 'status_running',
      about: 'status of a unit that runs',
      files: { 'X_a.service': sleeping('A sleeper') },
      steps: [
        'systemctl status X_a',
        'systemctl start X_a',
        'systemctl status X_a',
        'systemctl stop X_a',
        'systemctl status X_a',
        'systemctl status -n 0 X_a',
        'systemctl status --lines=1 X_a',
      ],
    },
    {
      id: 'status_failed',
      about: 'status of a unit that failed',
      files: {
        'X_a.service': "[Unit]\nDescription=A loser\n[Service]\nExecStart=/bin/sh -c 'exit 3'\n",
        'X_b.service': "[Unit]\nDescription=A victim\n[Service]\nExecStart=/bin/sh -c 'kill -9 $$$$'\n",
        'X_c.service':
          "[Unit]\nDescription=Unprepared\n[Service]\nExecStartPre=/bin/true\nExecStartPre=/bin/sh -c 'exit 3'\nExecStart=/bin/sleep 1000\n",
        'X_d.service': '[Unit]\nDescription=No program\n[Service]\nExecStart=/no/such/program --flag\n',
      },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        'systemctl status X_a',
        'systemctl start X_b',
        reaches('X_b', 'failed'),
        'systemctl status X_b',
        'systemctl start X_c',
        'systemctl status X_c',
        'systemctl start X_d',
        reaches('X_d', 'failed'),
        // Whether the journal knows whose the words of a process were that is gone is a matter of luck.
        'systemctl status -n 0 X_d',
      ],
    },
    {
      id: 'status_exited',
      about: 'status of a oneshot that stays',
      files: {
        'X_a.service': oneshot(
          '/bin/true',
          'RemainAfterExit=yes\nExecStartPre=/bin/echo preparing\nExecStart=/bin/echo two',
        ),
      },
      steps: [
        'systemctl start X_a',
        { until: 'journalctl --sync; journalctl -u X_a | grep -q two && journalctl -u X_a | grep -q preparing' },
        'systemctl status -n 0 X_a',
      ],
    },
    {
      id: 'status_states',
      about: 'status of a unit on its way',
      files: {
        'X_a.service':
          '[Unit]\nDescription=Slow\n[Service]\nExecStartPre=/bin/cat /X/go\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c "read x </X/on"\n',
        'X_r.service': '[Unit]\nDescription=Again\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1h\n',
      },
      steps: [
        'mkfifo go on; systemctl start --no-block X_a',
        { until: 'systemctl status X_a | grep -q "/bin/cat /X/go$"' },
        'systemctl status X_a',
        'echo >go',
        reaches('X_a', 'running'),
        'systemctl stop --no-block X_a',
        reaches('X_a', 'stop'),
        { until: 'systemctl status X_a | grep -q "read x"' },
        'systemctl status X_a',
        'echo >on',
        reaches('X_a', 'dead'),
        'systemctl start X_r',
        reaches('X_r', 'auto-restart'),
        'systemctl status -n 0 X_r',
      ],
    },
    {
      id: 'status_several',
      about: 'status of several units, of which some do not exist',
      files: { 'X_a.service': sleeping('One'), 'X_b.service': sleeping('Two') },
      steps: [
        'systemctl start X_a',
        'systemctl status X_a X_b',
        'systemctl status X_nothere X_a',
        'systemctl status X_a X_nothere',
        'systemctl status "X_*"',
        'systemctl status --no-legend X_b',
      ],
    },
    {
      id: 'status_group',
      about: 'status shows the processes as a list with their arguments',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sh -c 'sleep 1001 & echo up >/X/out; exec sleep 1000'\nExecStartPost=/bin/true\n",
      },
      steps: [
        'systemctl start X_a',
        written('up'),
        { until: 'systemctl status X_a | grep -q "sleep 1000"' },
        'systemctl status X_a | sed -n "/CGroup/,/^$/p"',
      ],
    },
    {
      id: 'status_notify',
      about: 'status shows what the service says of itself',
      files: {
        'X_a.service':
          '[Service]\nType=notify\nExecStart=/usr/local/bin/tell READY=1 "STATUS=All is well" -- sleep 1000\n',
      },
      steps: ['systemctl start X_a', 'systemctl status X_a | grep -E "Status|Main|Active|Loaded"'],
    },
    {
      id: 'status_bad',
      about: 'status of a unit that cannot be loaded',
      files: { 'X_a.service': '[Unit]\nDescription=Bad\n[Service]\nType=oneshot\n', 'X_b.service': sleeping('Fine') },
      steps: ['systemctl status X_a', 'systemctl status X_nothere', 'systemctl start X_a'],
    },
    {
      id: 'list_units',
      about: 'list-units shows what is in memory, in columns',
      files: {
        'X_a.service': sleeping('A sleeper'),
        'X_b.service': '[Unit]\nDescription=A loser\n[Service]\nExecStart=/bin/false\n',
        'X_c.service': oneshot('/bin/true', 'RemainAfterExit=yes'),
        'X_d.service': sleeping('Not started'),
        'X_t.target': '[Unit]\nDescription=A target\nWants=X_a.service X_d.service X_missing.service\n[Install]\n',
      },
      steps: [
        'systemctl start X_a X_b X_c',
        reaches('X_b', 'failed'),
        "systemctl list-units 'X_*'",
        "systemctl list-units --no-legend 'X_*'",
        "systemctl list-units --state=failed 'X_*'",
        "systemctl list-units --state=running,exited --no-legend 'X_*'",
        "systemctl list-units --type=target 'X_*'",
        "systemctl list-units --failed --no-legend 'X_*'",
        "systemctl list-units --plain --no-legend 'X_*'",
        "systemctl 'X_*'",
        "systemctl list-units 'X_no*'",
        "systemctl start X_t.target; systemctl list-units --all 'X_*'",
        "systemctl list-units --all --no-legend --state=not-found 'X_*'",
        "systemctl list-units -t service --state inactive --no-legend 'X_*'",
        "systemctl list-units -q 'X_*'",
      ],
    },
    {
      id: 'list_dependencies',
      about: 'list-dependencies draws the tree',
      files: {
        'X_a.service': `[Unit]\nDefaultDependencies=no\nWants=X_b.service X_t.target\nRequires=X_c.service\nAfter=X_b.service\n[Service]\nExecStart=/bin/sleep 1000\n`,
        'X_b.service': '[Unit]\nDefaultDependencies=no\nWants=X_d.service\n[Service]\nExecStart=/bin/sleep 1000\n',
        'X_c.service': '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/false\n',
        'X_d.service': '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 1000\n',
        'X_t.target': '[Unit]\nDefaultDependencies=no\nWants=X_d.service X_b.service\n',
      },
      steps: [
        'systemctl list-dependencies X_a',
        'systemctl start X_a',
        reaches('X_c', 'failed'),
        'systemctl list-dependencies X_a',
        'systemctl list-dependencies --plain X_a',
        'systemctl list-dependencies --all X_a',
        'systemctl list-dependencies --reverse X_d.service',
        'systemctl list-dependencies --after X_a',
        'systemctl list-dependencies --before X_b',
        'systemctl list-dependencies X_nothere',
        'systemctl list-dependencies X_a X_b',
      ],
      differs: [
        [0, before],
        [3, after],
        [4, 'X_a.service\n  X_b.service\n  X_c.service\n  X_t.target\n  X_b.service\n  X_d.service\n'],
        [5, all],
        [7, 'X_a.service\n● └─X_b.service\n'],
        [10, `${after}\nX_b.service\n● └─X_d.service\n`],
      ].map(([step, stdout]) => ({
        step: Number(step),
        why: 'there are no slices, and no unit for the journal',
        lohar: { stdout: String(stdout) },
      })),
    },
    {
      id: 'cat_files',
      about: 'cat shows the files with their paths',
      files: {
        'X_a.service': '# A comment\n[Service]\nExecStart=/bin/true',
        'X_a.service.d/a.conf': '[Unit]\nDescription=A\n',
        'X_b.service': '[Service]\nExecStart=/bin/true\n',
        'X_t@.service': '[Service]\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl cat X_a',
        'systemctl cat X_a X_b',
        'systemctl cat X_nothere',
        'systemctl cat X_b X_nothere',
        'systemctl cat X_t@one',
        'systemctl cat X_t@.service',
      ],
    },
    {
      id: 'show_properties',
      about: 'show with -p, --value and several units',
      files: { 'X_a.service': sleeping('One'), 'X_b.service': sleeping('Two') },
      steps: [
        'systemctl show -p Description X_a',
        'systemctl show -p Description --value X_a',
        'systemctl show -P Description X_a',
        'systemctl show -p Description -p Id X_a X_b',
        'systemctl show --property=Id,NoSuch,ActiveState X_a',
        'systemctl show -p Description --value X_a X_b',
        'systemctl show -p NoSuch X_a',
        'systemctl show -p Names,Id --value X_a X_b',
        'systemctl start X_a; systemctl show -p MainPID,ActiveState,SubState,StatusText,ExecMainPID,Result,UnitFileState,Type X_a',
        'systemctl show -p ControlGroup,Slice X_a',
        'systemctl show -p ActiveEnterTimestamp,InactiveEnterTimestamp,ExecMainStartTimestamp,ExecMainExitTimestamp X_a',
        'systemctl show -p ExecStart,KillMode,KillSignal,SendSIGKILL,SendSIGHUP,NotifyAccess,GuessMainPID,User,Group X_a',
        'systemctl show -p StandardInput,StandardOutput,StandardError,Restart,RestartUSec,WatchdogUSec,RuntimeMaxUSec X_a',
        'systemctl show -p CanStart,CanStop,CanReload,NeedDaemonReload,Transient,Perpetual,DefaultDependencies,RefuseManualStart X_a',
        'systemctl show -p Job,StartLimitBurst,StartLimitIntervalUSec,SuccessAction,FailureAction,ConditionResult,AssertResult X_a',
        'systemctl show -p InvocationID X_a',
        'systemctl show -p Documentation X_a',
        'systemctl show -p LoadState,ActiveState --all X_nothere',
      ],
    },
    {
      id: 'is_states',
      about: 'is-active and is-failed of several units',
      files: { 'X_a.service': sleeping('One'), 'X_b.service': '[Service]\nExecStart=/bin/false\n' },
      steps: [
        'systemctl start X_a X_b',
        reaches('X_b', 'failed'),
        'systemctl is-active X_a X_b X_nothere',
        'systemctl is-active X_b X_nothere',
        'systemctl is-failed X_a X_b',
        'systemctl is-failed X_a',
        'systemctl is-active -q X_a',
        'systemctl is-active --quiet X_b',
        'systemctl is-failed -q X_b',
        "systemctl is-active 'X_*' | sort",
        'systemctl is-active',
      ],
    },
    {
      id: 'reset_failed',
      about: 'reset-failed takes failures back',
      files: { 'X_a.service': '[Service]\nExecStart=/bin/false\n', 'X_b.service': '[Service]\nExecStart=/bin/false\n' },
      steps: [
        'systemctl start X_a X_b',
        reaches('X_a', 'failed'),
        reaches('X_b', 'failed'),
        "systemctl list-units --failed --no-legend 'X_*'",
        'systemctl reset-failed X_a',
        'systemctl is-failed X_a X_b',
        "systemctl reset-failed 'X_*'",
        'systemctl is-failed X_a X_b',
        'systemctl reset-failed X_nothere',
        'systemctl reset-failed X_a',
      ],
    },
    {
      id: 'system_state',
      about: 'is-system-running is degraded while a unit is failed',
      isAlone: true,
      files: { 'X_a.service': '[Service]\nExecStart=/bin/false\n' },
      steps: [
        'systemctl is-system-running',
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        'systemctl is-system-running',
        'systemctl --failed',
        'systemctl --failed --no-legend',
        'systemctl reset-failed',
        'systemctl is-system-running',
        'systemctl --failed',
        'systemctl is-active multi-user.target basic.target sysinit.target network.target',
        'systemctl list-jobs',
      ],
    },
    {
      id: 'verbs_unknown',
      about: 'what systemctl does not know',
      files: {},
      steps: [
        'systemctl frobnicate',
        'systemctl frobnicate X_a',
        'systemctl --frobnicate',
        'systemctl start',
        'systemctl stop',
        'systemctl status --nonsense',
        'systemctl daemon-reload',
        'systemctl cat',
        'systemctl kill',
        'systemctl is-enabled',
      ],
    },
    {
      id: 'starts_several',
      about: 'start and stop of several units of which some fail',
      files: {
        'X_a.service': sleeping('One'),
        'X_b.service': oneshot('/bin/false'),
        'X_c.service': sleeping('Three'),
      },
      steps: [
        'systemctl start X_a X_b X_c',
        'systemctl is-active X_a X_b X_c',
        'systemctl stop X_a X_nothere X_c',
        'systemctl is-active X_a X_c',
        'systemctl start X_nothere X_a',
        'systemctl is-active X_a',
        "systemctl stop 'X_*'; systemctl is-active X_a X_c",
        "systemctl start 'X_nomatch*'",
        "systemctl restart 'X_*'",
      ],
    },
  ],
};
