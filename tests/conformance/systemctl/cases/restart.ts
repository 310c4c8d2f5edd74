import type { Case, CaseGroup } from '../case.ts';
import { reaches, state, written } from '../phrases.ts';

const policies = ['no', 'always', 'on-success', 'on-failure', 'on-abnormal', 'on-abort', 'on-watchdog'] as const;
const ends: Readonly<Record<string, { readonly how: string; readonly more?: string }>> = {
  clean: { how: 'exit 0' },
  unclean: { how: 'exit 1' },
  term: { how: 'kill -TERM $$$$' },
  kill: { how: 'kill -KILL $$$$' },
  core: { how: 'ulimit -c 0; kill -ABRT $$$$' },
  timeout: { how: 'exec sleep 1000', more: 'RuntimeMaxSec=50ms' },
  watchdog: { how: 'exec sleep 1000', more: 'WatchdogSec=50ms' },
};

/** The table at `Restart=` of systemd.service(5), a row a case: all seven ways to end under one policy. */
const table: readonly Case[] = policies.flatMap((policy) =>
  Object.entries(ends).map(([end, { how, more = '' }]): Case => ({
    id: `restart_${policy.replace('-', '_')}_${end}`,
    about: `Restart=${policy} ${end === 'timeout' ? 'after a time-out' : `after an end by ${end}`}`,
    files: {
      // The third run stays.
      'X_a.service': `[Service]
Restart=${policy}
RestartSec=20ms
${more}
ExecStart=/bin/sh -c 'echo run >>/X/out; test $$(wc -l </X/out) -lt 3 && { ${how}; }; echo stays >>/X/out; exec sleep 1000'
`,
    },
    steps: [
      'systemctl start X_a',
      {
        until:
          'test "$(systemctl show -p SubState --value X_a)" = failed || test "$(systemctl show -p SubState --value X_a)" = dead || grep -q stays out',
      },
      // A limit of time goes on to end whoever stays.
      more === '' ? 'sort -u out; systemctl show -p NRestarts X_a' : 'sort -u out',
      'systemctl stop X_a',
    ],
  })),
);

export const restart: CaseGroup = {
  name: 'restart',
  cases: [
    ...table,
    {
      id: 'restart_prevent',
      about: 'RestartPreventExitStatus keeps a service down',
      files: {
        'X_a.service':
          "[Service]\nRestart=always\nRestartSec=10ms\nRestartPreventExitStatus=7 SIGUSR1\nExecStart=/bin/sh -c 'echo run >>/X/out; exit 7'\n",
        'X_b.service':
          "[Service]\nRestart=always\nRestartSec=10ms\nRestartPreventExitStatus=7 SIGUSR1\nExecStart=/bin/sh -c 'echo run >>/X/b; kill -USR1 $$$$'\n",
      },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        state('X_a'),
        'cat out',
        'systemctl start X_b',
        reaches('X_b', 'failed'),
        state('X_b'),
        'cat b',
      ],
    },
    {
      id: 'restart_force',
      about: 'RestartForceExitStatus brings a service back whatever Restart says',
      files: {
        'X_a.service':
          "[Service]\nRestartSec=10ms\nRestartForceExitStatus=7\nExecStart=/bin/sh -c 'echo run >>/X/out; test $$(wc -l </X/out) -lt 2 && exit 7; exec sleep 1000'\n",
      },
      steps: ['systemctl start X_a', { until: 'test $(wc -l <out) = 2' }, reaches('X_a', 'running'), state('X_a')],
    },
    {
      id: 'success_status',
      about: 'SuccessExitStatus makes an end a good one',
      files: {
        'X_a.service': "[Service]\nSuccessExitStatus=7 TEMPFAIL SIGKILL\nExecStart=/bin/sh -c 'exit 7'\n",
        'X_b.service': "[Service]\nSuccessExitStatus=7 TEMPFAIL SIGKILL\nExecStart=/bin/sh -c 'exit 75'\n",
        'X_c.service': "[Service]\nSuccessExitStatus=7 TEMPFAIL SIGKILL\nExecStart=/bin/sh -c 'kill -KILL $$$$'\n",
        'X_d.service': "[Service]\nSuccessExitStatus=7\nSuccessExitStatus=\nExecStart=/bin/sh -c 'exit 7'\n",
        'X_e.service':
          "[Service]\nType=oneshot\nSuccessExitStatus=7\nExecStart=/bin/sh -c 'exit 7'\nRemainAfterExit=yes\n",
      },
      steps: [
        'systemctl start X_a X_b X_c X_d X_e',
        reaches('X_a', 'dead'),
        reaches('X_b', 'dead'),
        reaches('X_c', 'dead'),
        reaches('X_d', 'failed'),
        'systemctl is-failed X_a X_b X_c X_d X_e',
        state('X_e'),
        'systemctl show -p SuccessExitStatus X_a X_d',
      ],
    },
    {
      id: 'restart_stopped',
      about: 'a service that waits for its restart is activating and can be stopped',
      files: { 'X_a.service': '[Service]\nRestart=always\nRestartSec=1h\nExecStart=/bin/false\n' },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'auto-restart'),
        state('X_a'),
        'systemctl is-active X_a',
        'systemctl show -p RestartUSec X_a',
        'systemctl stop X_a',
        state('X_a'),
      ],
    },
    {
      id: 'restart_started',
      about: 'a service that waits for its restart is started when its time has come, and restarted at once',
      files: {
        'X_a.service':
          "[Service]\nRestart=always\nRestartSec=2s\nExecStart=/bin/sh -c 'echo run >>/X/out; test $$(wc -l </X/out) -lt 2 && exit 1; exec sleep 1000'\n",
        'X_b.service':
          "[Service]\nRestart=always\nRestartSec=1h\nExecStart=/bin/sh -c 'echo run >>/X/b; test $$(wc -l </X/b) -lt 2 && exit 1; exec sleep 1000'\n",
      },
      steps: [
        'systemctl start X_a X_b',
        reaches('X_a', 'auto-restart'),
        reaches('X_b', 'auto-restart'),
        'systemctl start X_a',
        { until: 'test $(wc -l <out) = 2' },
        state('X_a'),
        'systemctl restart X_b',
        { until: 'test $(wc -l <b) = 2' },
        state('X_b'),
      ],
    },
    {
      id: 'restart_by_stop',
      about: 'a service that is stopped is not restarted, however it ends',
      files: {
        'X_a.service':
          '[Service]\nRestart=always\nRestartSec=10ms\nExecStart=/bin/sh -c \'trap "exit 3" TERM; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: ['systemctl start X_a', written('up'), 'systemctl stop X_a', state('X_a'), 'cat out'],
    },
    {
      id: 'start_limit',
      about: 'starts of a unit that nobody remembers are not counted',
      files: {
        'X_a.service':
          '[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=1h\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl start X_a',
        'systemctl start X_a',
        'systemctl start X_a',
        'systemctl start X_a',
        state('X_a'),
        'systemctl start X_a',
        'systemctl reset-failed X_a',
        'systemctl start X_a',
        'systemctl show -p StartLimitBurst,StartLimitIntervalUSec X_a',
      ],
    },
    {
      id: 'start_limit_kept',
      about: 'a unit that stays is remembered with its starts',
      files: {
        'X_a.service':
          '[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl restart X_a; systemctl restart X_a',
        'systemctl restart X_a',
        state('X_a'),
        'systemctl start X_a',
        'systemctl reset-failed X_a',
        'systemctl start X_a; systemctl is-active X_a',
      ],
    },
    {
      id: 'start_limit_restart',
      about: 'restarts come to an end at the limit of starts',
      files: {
        'X_a.service':
          "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=1h\n[Service]\nRestart=always\nRestartSec=10ms\nExecStart=/bin/sh -c 'echo run >>/X/out; exit 1'\n",
      },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a'), 'cat out', 'systemctl start X_a'],
    },
    {
      id: 'start_limit_none',
      about: 'StartLimitIntervalSec=0 switches the limit off, also from [Service]',
      files: {
        'X_a.service': '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
        'X_b.service': '[Service]\nStartLimitInterval=0\nStartLimitBurst=2\nType=oneshot\nExecStart=/bin/true\n',
      },
      steps: [
        'for i in 1 2 3 4 5 6 7 8; do systemctl start X_a || exit; done; echo fine',
        'for i in 1 2 3 4 5 6 7 8; do systemctl start X_b || exit; done; echo fine',
      ],
    },
    {
      id: 'restart_oneshot',
      about: 'a oneshot may be restarted on failure but not always',
      files: {
        'X_a.service':
          "[Service]\nType=oneshot\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sh -c 'echo run >>/X/out; test $$(wc -l </X/out) -gt 2'\n",
        'X_b.service': '[Service]\nType=oneshot\nRestart=always\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl start X_a',
        { until: 'test $(wc -l <out) = 3' },
        reaches('X_a', 'dead'),
        'cat out',
        'systemctl start X_b',
      ],
    },
    {
      id: 'restart_hooks',
      about: 'ExecStopPost runs between an end and the restart',
      files: {
        'X_a.service':
          "[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStartPre=/bin/sh -c 'echo pre >>/X/out'\nExecStart=/bin/sh -c 'echo main >>/X/out; test $$(grep -c main </X/out) -lt 2 && exit 1; exec sleep 1000'\nExecStop=/bin/sh -c 'echo stop >>/X/out'\nExecStopPost=/bin/sh -c 'echo post $$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS >>/X/out'\n",
      },
      steps: [
        'systemctl start X_a',
        { until: 'test $(grep -c main out) = 2' },
        reaches('X_a', 'running'),
        'systemctl stop X_a',
        'cat out',
      ],
    },
    {
      id: 'restart_verb',
      about: 'restart stops and starts, and starts what is down; the counter of automatic restarts stays',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sh -c 'echo start >>/X/out; exec sleep 1000'\nExecStopPost=/bin/sh -c 'echo stop >>/X/out'\n",
      },
      steps: [
        'systemctl restart X_a',
        written('start'),
        'systemctl restart X_a',
        { until: 'test $(grep -c start out) = 2' },
        'systemctl try-restart X_a',
        { until: 'test $(grep -c start out) = 3' },
        state('X_a'),
        'systemctl stop X_a',
        'systemctl try-restart X_a',
        'systemctl is-active X_a',
        'cat out',
      ],
    },
  ],
};
