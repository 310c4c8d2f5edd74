import type { CaseGroup } from '../case.ts';
import { reaches, state, written } from '../phrases.ts';

/** How long a service may take, and what ends it. */
export const timeouts: CaseGroup = {
  name: 'timeouts',
  cases: [
    {
      id: 'timeout_start_pre',
      about: 'ExecStartPre must end in time',
      files: {
        'X_a.service': '[Service]\nTimeoutStartSec=100ms\nExecStartPre=/bin/sleep 1000\nExecStart=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'timeout_start_post',
      about: 'ExecStartPost must end in time',
      files: {
        'X_a.service': '[Service]\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\nExecStartPost=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'timeout_oneshot',
      about: 'a oneshot has no time-out of its own, but takes one',
      files: {
        'X_a.service': '[Service]\nType=oneshot\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\n',
        'X_b.service': '[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl show -p TimeoutStartUSec,TimeoutStopUSec X_a X_b'],
    },
    {
      id: 'timeout_stop',
      about: 'who ignores SIGTERM is killed when TimeoutStopSec is over, and has failed',
      files: {
        'X_a.service':
          '[Service]\nTimeoutStopSec=200ms\nExecStart=/bin/sh -c \'trap "" TERM; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
      },
      steps: ['systemctl start X_a', written('up'), 'systemctl stop X_a', state('X_a')],
    },
    {
      id: 'timeout_exec_stop',
      about: 'an ExecStop that does not end is terminated',
      files: {
        'X_a.service': '[Service]\nTimeoutStopSec=200ms\nExecStart=/bin/sleep 1000\nExecStop=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', 'systemctl stop X_a', state('X_a')],
    },
    {
      id: 'timeout_stop_post',
      about: 'an ExecStopPost that does not end is terminated',
      files: {
        'X_a.service': '[Service]\nTimeoutStopSec=200ms\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', 'systemctl stop X_a', state('X_a')],
    },
    {
      id: 'timeout_no_kill',
      about: 'without SendSIGKILL who ignores SIGTERM is left alone',
      files: {
        'X_a.service':
          '[Service]\nTimeoutStopSec=200ms\nSendSIGKILL=no\nExecStart=/bin/sh -c \'trap "" TERM; echo $$$$ >/X/pid; echo up >>/X/out; while :; do sleep 0.02; done\'\n',
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
      id: 'timeout_both',
      about: 'TimeoutSec is both, 0 and infinity are none',
      files: {
        'X_a.service': '[Service]\nTimeoutSec=1min 30.5s\nExecStart=/bin/sleep 1000\n',
        'X_b.service': '[Service]\nTimeoutSec=0\nExecStart=/bin/sleep 1000\n',
        'X_c.service': '[Service]\nTimeoutStartSec=infinity\nTimeoutStopSec=2h 3m\nExecStart=/bin/sleep 1000\n',
        'X_d.service': '[Service]\nExecStart=/bin/sleep 1000\n',
      },
      steps: ['systemctl show -p TimeoutStartUSec,TimeoutStopUSec X_a X_b X_c X_d'],
    },
    {
      id: 'runtime_max',
      about: 'RuntimeMaxSec ends a service, which has failed then',
      files: { 'X_a.service': '[Service]\nRuntimeMaxSec=100ms\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a'), 'systemctl show -p RuntimeMaxUSec X_a'],
    },
    {
      id: 'watchdog_silent',
      about: 'who does not ping its watchdog is ended by SIGABRT',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=300ms\nExecStart=/bin/sh -c 'ulimit -c 0; exec tell READY=1 -- sleep 1000'\n",
      },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a'), 'systemctl show -p WatchdogUSec X_a'],
    },
    {
      id: 'watchdog_pinged',
      about: 'who pings its watchdog lives on',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=1500ms\nExecStart=/bin/sh -c 'tell READY=1; for i in 1 2 3 4 5 6 7 8; do tell WATCHDOG=1; done; echo $$WATCHDOG_USEC >/X/out; while :; do tell WATCHDOG=1; done'\n",
      },
      steps: ['systemctl start X_a', { until: 'test -s out' }, 'cat out', state('X_a'), 'systemctl stop X_a'],
    },
    {
      id: 'watchdog_trigger',
      about: 'a service may call its watchdog itself',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=1h\nExecStart=/bin/sh -c 'ulimit -c 0; tell READY=1; exec tell WATCHDOG=trigger -- sleep 1000'\n",
      },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a')],
    },
    {
      id: 'watchdog_signal',
      about: 'WatchdogSignal is what a silent service gets',
      files: {
        'X_a.service': '[Service]\nWatchdogSec=100ms\nWatchdogSignal=SIGUSR1\nExecStart=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a')],
    },
    {
      id: 'reload_timeout',
      about: 'a reload that does not end is killed, and the service runs on',
      files: {
        'X_a.service': '[Service]\nTimeoutStartSec=200ms\nExecStart=/bin/sleep 1000\nExecReload=/bin/sleep 1000\n',
      },
      steps: ['systemctl start X_a', 'systemctl reload X_a', 'systemctl is-active X_a', state('X_a')],
    },
  ],
};
