import type { CaseGroup } from '../case.ts';
import { reaches, state, written } from '../phrases.ts';

const telling = 'echo $$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS >>/X/out';

/** What runs when a service stops or reloads, and what it is told. */
export const stop: CaseGroup = {
  name: 'stop',
  cases: [
    {
      id: 'stop_order',
      about: 'ExecStop runs while the main process lives, ExecStopPost when it is gone',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'kill -0 $$MAINPID && echo stop alive >>/X/out'\nExecStop=/bin/sh -c 'echo stop2 >>/X/out'\nExecStopPost=/bin/sh -c 'echo post $${MAINPID:-gone} >>/X/out'\n",
      },
      steps: ['systemctl start X_a', 'systemctl stop X_a', 'cat out', state('X_a')],
    },
    {
      id: 'stop_result_stop',
      about: 'the commands after a stop learn of success and of the signal',
      files: {
        'X_a.service': `[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c '${telling}'\nExecStopPost=/bin/sh -c '${telling}'\n`,
      },
      steps: ['systemctl start X_a', 'systemctl stop X_a', 'cat out'],
    },
    {
      id: 'stop_result_exit',
      about: 'the commands after an exit learn of its code',
      files: {
        'X_a.service': `[Service]\nExecStart=/bin/sh -c 'exit 42'\nExecStop=/bin/sh -c 'echo stop; ${telling}'\nExecStopPost=/bin/sh -c '${telling}'\n`,
        'X_b.service': `[Service]\nExecStart=/bin/true\nExecStop=/bin/sh -c 'echo stop >>/X/out; ${telling}'\nExecStopPost=/bin/sh -c '${telling}'\n`,
      },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        'cat out',
        'systemctl start X_b',
        reaches('X_b', 'dead'),
        'cat out',
      ],
    },
    {
      id: 'stop_result_kill',
      about: 'the commands after a kill learn of the signal',
      files: {
        'X_a.service': `[Service]\nExecStart=/bin/sh -c 'kill -KILL $$$$'\nExecStopPost=/bin/sh -c '${telling}'\n`,
        'X_b.service': `[Service]\nExecStart=/bin/sh -c 'ulimit -c 0; kill -ABRT $$$$'\nExecStopPost=/bin/sh -c '${telling}'\n`,
      },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        'systemctl start X_b',
        reaches('X_b', 'failed'),
        'cat out',
      ],
    },
    {
      id: 'stop_result_timeout',
      about: 'the commands after a time-out learn of it',
      files: {
        'X_a.service': `[Service]\nType=notify\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sh -c '${telling}'\n`,
        'X_b.service': `[Service]\nExecStartPre=/bin/false\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sh -c '${telling}'\n`,
        'X_c.service': `[Service]\nExecStart=/no/such\nExecStopPost=/bin/sh -c '${telling}'\n`,
      },
      steps: ['systemctl start X_a', 'systemctl start X_b', 'systemctl start X_c', reaches('X_c', 'failed'), 'cat out'],
    },
    {
      id: 'stop_fails',
      about: 'an ExecStop that fails makes the unit failed, one that forgives does not',
      files: {
        'X_a.service': "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'exit 3'\n",
        'X_b.service': "[Service]\nExecStart=/bin/sleep 1000\nExecStop=-/bin/sh -c 'exit 3'\n",
        'X_c.service': "[Service]\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sh -c 'exit 3'\n",
        'X_d.service':
          "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/false\nExecStop=/bin/sh -c 'echo second >>/X/out'\n",
      },
      steps: [
        'systemctl start X_a X_b X_c X_d',
        'systemctl stop X_a',
        state('X_a'),
        'systemctl stop X_b',
        state('X_b'),
        'systemctl stop X_c',
        state('X_c'),
        'systemctl stop X_d',
        state('X_d'),
        'cat out',
      ],
    },
    {
      id: 'stop_kills_itself',
      about: 'an ExecStop that ends the main process itself ends the service well',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sh -c 'trap \"exit 0\" USR1; echo up >>/X/out; while :; do sleep 0.02; done'\nExecStop=/bin/sh -c 'kill -USR1 $$MAINPID; while kill -0 $$MAINPID 2>/dev/null; do sleep 0.02; done; echo gone >>/X/out'\n",
      },
      steps: ['systemctl start X_a', written('up'), 'systemctl stop X_a', 'cat out', state('X_a')],
    },
    {
      id: 'stop_state',
      about: 'a service is deactivating while it stops',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done'\nExecStopPost=/bin/sh -c 'until [ -e /X/on ]; do sleep 0.02; done'\n",
      },
      steps: [
        'systemctl start X_a',
        'systemctl stop --no-block X_a',
        reaches('X_a', 'stop'),
        state('X_a'),
        'systemctl is-active X_a',
        'touch go',
        reaches('X_a', 'stop-post'),
        state('X_a'),
        'touch on',
        reaches('X_a', 'dead'),
        state('X_a'),
      ],
    },
    {
      id: 'stop_exit_code',
      about: 'a main process that answers SIGTERM with an exit code has failed when that is not 0',
      files: {
        'X_a.service':
          '[Service]\nExecStart=/bin/sh -c \'trap "exit 143" TERM; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
        'X_b.service':
          '[Service]\nSuccessExitStatus=143\nExecStart=/bin/sh -c \'trap "exit 143" TERM; echo b >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: [
        'systemctl start X_a X_b',
        written('up'),
        written('b'),
        'systemctl stop X_a X_b',
        state('X_a'),
        state('X_b'),
      ],
    },
    {
      id: 'reload_runs',
      about: 'reload runs ExecReload with the main process as $MAINPID',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sh -c 'trap \"echo HUP >>/X/out\" HUP; echo up >>/X/out; while :; do sleep 0.02; done'\nExecReload=/bin/kill -HUP $MAINPID\nExecReload=/bin/sh -c 'echo second >>/X/out'\n",
      },
      steps: [
        'systemctl start X_a',
        written('up'),
        'systemctl reload X_a',
        written('HUP'),
        'sort out',
        'systemctl show -p CanReload X_a',
        state('X_a'),
        'systemctl reload-or-restart X_a',
        'systemctl try-reload-or-restart X_a',
        state('X_a'),
      ],
    },
    {
      id: 'reload_cannot',
      about: 'what has no ExecReload cannot be reloaded, but restarted instead',
      files: {
        'X_a.service': "[Service]\nExecStart=/bin/sh -c 'echo up >>/X/out; exec sleep 1000'\n",
        'X_b.service': '[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n',
      },
      steps: [
        'systemctl start X_a',
        'systemctl reload X_a',
        'systemctl reload-or-restart X_a',
        { until: 'test $(wc -l <out) = 2' },
        'systemctl show -p CanReload X_a',
        'systemctl reload X_b',
        'systemctl reload X_nothere',
        'systemctl try-reload-or-restart X_b; systemctl is-active X_b',
        'systemctl reload-or-restart X_b; systemctl is-active X_b',
      ],
    },
    {
      id: 'reload_fails',
      about: 'a reload that fails leaves the service running',
      files: { 'X_a.service': "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'exit 3'\n" },
      steps: ['systemctl start X_a', 'systemctl reload X_a', state('X_a')],
    },
    {
      id: 'stop_in_reload',
      about: 'a stop ends a reload that is under way',
      files: {
        'X_a.service': '[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a',
        'systemctl reload --no-block X_a',
        reaches('X_a', 'reload'),
        'systemctl stop X_a',
        state('X_a'),
      ],
    },
    {
      id: 'reload_state',
      about: 'a service is reloading while ExecReload runs',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done'\n",
      },
      steps: [
        'systemctl start X_a',
        'systemctl reload --no-block X_a',
        reaches('X_a', 'reload'),
        state('X_a'),
        'systemctl is-active X_a',
        'touch go',
        reaches('X_a', 'running'),
        state('X_a'),
      ],
    },
  ],
};
