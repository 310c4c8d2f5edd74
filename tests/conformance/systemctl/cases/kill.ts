import type { CaseGroup } from '../case.ts';
import { reaches, state, written } from '../phrases.ts';

/** Main process and a child that say which signals they got. */
const family = (more: string) => `[Service]
ExecStart=/bin/sh -c 'trap "echo child TERM >>/X/out" TERM; trap "echo child HUP >>/X/out" HUP; (trap "echo child TERM >>/X/out; exit 0" TERM; trap "echo child HUP >>/X/out" HUP; echo child >>/X/out; while :; do sleep 0.02; done) & trap "echo main TERM >>/X/out; exit 0" TERM; trap "echo main HUP >>/X/out" HUP; echo main >>/X/out; while :; do sleep 0.02; done'
TimeoutStopSec=5s
${more}
`;

/** `KillMode=` and its kin: who is signalled, and how. */
export const kill: CaseGroup = {
  name: 'kill',
  cases: [
    {
      id: 'kill_group',
      about: 'KillMode=control-group signals all',
      files: { 'X_a.service': family('') },
      steps: ['systemctl start X_a', written('child'), written('main'), 'systemctl stop X_a', 'sort out', state('X_a')],
    },
    {
      id: 'kill_mixed',
      about: 'KillMode=mixed signals the main process and kills the rest',
      files: { 'X_a.service': family('KillMode=mixed') },
      steps: ['systemctl start X_a', written('child'), written('main'), 'systemctl stop X_a', 'sort out', state('X_a')],
    },
    {
      id: 'kill_process',
      about: 'KillMode=process signals the main process and lets the rest live',
      files: {
        'X_a.service':
          "[Service]\nKillMode=process\nExecStart=/bin/sh -c 'sleep 1000 & echo $$! >/X/pid; echo up >/X/out; wait'\n",
      },
      steps: [
        'systemctl start X_a',
        written('up'),
        'systemctl stop X_a',
        state('X_a'),
        'kill -0 $(cat pid) && kill -9 $(cat pid)',
      ],
    },
    {
      id: 'kill_none',
      about: 'KillMode=none signals nobody',
      files: {
        'X_a.service':
          "[Service]\nKillMode=none\nExecStart=/bin/sh -c 'echo $$$$ >/X/pid; echo up >/X/out; exec sleep 1000'\nExecStop=/bin/sh -c 'echo stop >>/X/out'\n",
      },
      steps: [
        'systemctl start X_a',
        written('up'),
        'systemctl stop X_a',
        'cat out',
        'systemctl is-active X_a',
        'kill -0 $(cat pid) && kill -9 $(cat pid)',
      ],
    },
    {
      id: 'kill_signal',
      about: 'KillSignal is the first signal, and an end by it a good one',
      files: {
        'X_a.service':
          '[Service]\nKillSignal=SIGINT\nExecStart=/bin/bash -c \'trap "echo INT >>/X/out; exit 0" INT; trap "echo TERM >>/X/out" TERM; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
        'X_b.service': '[Service]\nKillSignal=USR1\nExecStart=/bin/sleep 1000\n',
        'X_c.service': '[Service]\nKillSignal=10\nExecStart=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a X_b X_c',
        written('up'),
        'systemctl stop X_a X_b',
        'cat out',
        state('X_a'),
        state('X_b'),
        'systemctl show -p KillSignal X_a X_b X_c',
      ],
    },
    {
      id: 'kill_hup',
      about: 'SendSIGHUP sends one after the first signal',
      files: {
        'X_a.service':
          '[Service]\nSendSIGHUP=yes\nTimeoutStopSec=500ms\nExecStart=/bin/sh -c \'trap "echo HUP >>/X/out; exit 0" HUP; trap "" TERM; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: ['systemctl start X_a', written('up'), 'systemctl stop X_a', 'cat out', state('X_a')],
    },
    {
      id: 'kill_final',
      about: 'FinalKillSignal takes the place of SIGKILL',
      files: {
        'X_a.service':
          '[Service]\nTimeoutStopSec=200ms\nFinalKillSignal=SIGQUIT\nExecStart=/bin/bash -c \'trap "" TERM; trap "echo QUIT >>/X/out; exit 0" QUIT; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: ['systemctl start X_a', written('up'), 'systemctl stop X_a', 'cat out', state('X_a')],
    },
    {
      id: 'kill_orphans',
      about: 'whoever is left when the main process ends goes as well',
      files: {
        'X_a.service': "[Service]\nExecStart=/bin/sh -c 'sleep 1000 & echo $$! >/X/pid'\n",
      },
      steps: ['systemctl start X_a', reaches('X_a', 'dead'), 'kill -0 $(cat pid) 2>/dev/null', state('X_a')],
    },
    {
      id: 'kill_verb',
      about: 'systemctl kill signals all, or whom it is told',
      files: {
        'X_a.service':
          '[Service]\nExecStart=/bin/sh -c \'(trap "echo child USR1 >>/X/out" USR1; echo child >>/X/out; while :; do sleep 0.02; done) & trap "echo main USR1 >>/X/out" USR1; echo main >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: [
        'systemctl start X_a',
        written('child'),
        written('main'),
        'systemctl kill --signal=USR1 --kill-whom=main X_a',
        written('main USR1'),
        'grep child out',
        'systemctl kill -s SIGUSR1 X_a',
        written('child USR1'),
        'systemctl kill -s 9 X_a',
        reaches('X_a', 'failed'),
        state('X_a'),
        'systemctl kill X_a',
        'systemctl kill X_nothere',
        'systemctl kill -s NOSUCH X_a',
      ],
    },
    {
      id: 'kill_default',
      about: 'systemctl kill sends SIGTERM, and the service has ended well',
      files: { 'X_a.service': '[Service]\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', 'systemctl kill X_a', reaches('X_a', 'dead'), 'systemctl is-failed X_a'],
    },
    {
      id: 'kill_ignored_pipe',
      about: 'SIGPIPE is ignored in services unless IgnoreSIGPIPE says otherwise',
      files: {
        'X_a.service': "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'grep SigIgn /proc/self/status >/X/a'\n",
        'X_b.service':
          "[Service]\nType=oneshot\nIgnoreSIGPIPE=no\nExecStart=/bin/sh -c 'grep SigIgn /proc/self/status >/X/b'\n",
      },
      steps: ['systemctl start X_a X_b; cat a b'],
    },
    {
      id: 'kill_signals',
      about: 'an end by SIGHUP, SIGINT, SIGTERM or SIGPIPE is a good one, by others not',
      files: Object.fromEntries(
        ['HUP', 'INT', 'TERM', 'PIPE', 'USR2', 'QUIT', 'SEGV', 'ALRM'].map((signal) => [
          `X_${signal}.service`,
          `[Service]\nIgnoreSIGPIPE=no\nExecStart=/bin/bash -c 'ulimit -c 0; kill -${signal} $$$$'\n`,
        ]),
      ),
      steps: ['HUP', 'INT', 'TERM', 'PIPE', 'USR2', 'QUIT', 'SEGV', 'ALRM'].flatMap((signal) => [
        `systemctl start X_${signal}`,
        { until: `systemctl show -p SubState --value X_${signal} | grep -qE '^(dead|failed)$'` },
        `systemctl show -p Result,ActiveState X_${signal}`,
      ]),
    },
  ],
};
