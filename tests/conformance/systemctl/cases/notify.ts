import type { CaseGroup } from '../case.ts';
import { oneshot, reaches, state } from '../phrases.ts';

/** What a service tells by sd_notify(3), and who is listened to. */
export const notify: CaseGroup = {
  name: 'notify',
  cases: [
    {
      id: 'notify_ready',
      about: 'a notify service has started when it says so, and tells its status',
      files: {
        'X_a.service':
          '[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c \'sleep 0.1; echo ready >>/X/out; exec tell READY=1 "STATUS=All is well" -- sleep 1000\'\n',
      },
      steps: [
        'systemctl start X_a; cat out',
        state('X_a'),
        'systemctl show -p StatusText,NotifyAccess X_a',
        'systemctl stop X_a',
        'systemctl show -p StatusText X_a',
      ],
    },
    {
      id: 'notify_ends',
      about: 'a notify service that ends without a word has broken the protocol',
      files: { 'X_a.service': '[Service]\nType=notify\nExecStart=/bin/true\n' },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'notify_fails',
      about: 'a notify service that fails before it is ready has failed',
      files: { 'X_a.service': "[Service]\nType=notify\nExecStart=/bin/sh -c 'exit 5'\n" },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'notify_late',
      about: 'a notify service that never says a word times out',
      files: { 'X_a.service': '[Service]\nType=notify\nTimeoutStartSec=200ms\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'notify_extends',
      about: 'a notify service may ask for more time',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nTimeoutStartSec=1s\nExecStart=/bin/sh -c 'tell EXTEND_TIMEOUT_USEC=10000000; sleep 1.3; exec tell READY=1 -- sleep 1000'\n",
      },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl stop X_a'],
    },
    {
      id: 'notify_mainpid',
      about: 'a notify service may name another main process',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c '(sleep 1000 & echo $$! >/X/pid); exec tell READY=1 MAINPID=$$(cat /X/pid) -- sleep 1000'\n",
      },
      steps: [
        'systemctl start X_a',
        'test "$(cat pid)" = "$(systemctl show -p MainPID --value X_a)"',
        'kill $(cat pid)',
        reaches('X_a', 'dead'),
        state('X_a'),
      ],
    },
    {
      id: 'notify_access',
      about: 'only the main process is listened to, unless NotifyAccess says otherwise',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nTimeoutStartSec=400ms\nExecStart=/bin/sh -c 'tell READY=1; sleep 1000'\n",
        'X_b.service': '[Service]\nType=notify\nExecStart=/usr/local/bin/tell READY=1 -- sleep 1000\n',
        'X_c.service':
          '[Service]\nType=notify\nNotifyAccess=none\nTimeoutStartSec=400ms\nExecStart=/usr/local/bin/tell READY=1 -- sleep 1000\n',
      },
      steps: [
        'systemctl start X_a',
        state('X_a'),
        'systemctl start X_b',
        state('X_b'),
        'systemctl show -p NotifyAccess X_a X_b X_c',
      ],
    },
    {
      id: 'notify_reloading',
      about: 'a service that says RELOADING is reloading until it says READY',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'tell READY=1; until [ -e /X/go ]; do sleep 0.02; done; tell RELOADING=1; until [ -e /X/on ]; do sleep 0.02; done; exec tell READY=1 -- sleep 1000'\n",
      },
      steps: [
        'systemctl start X_a',
        'touch go',
        reaches('X_a', 'reload'),
        state('X_a'),
        'systemctl is-active X_a',
        'touch on',
        reaches('X_a', 'running'),
        state('X_a'),
      ],
    },
    {
      id: 'notify_stopping',
      about: 'a service that says STOPPING is deactivating until it ends',
      files: {
        'X_a.service':
          "[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'tell READY=1; until [ -e /X/go ]; do sleep 0.02; done; tell STOPPING=1; until [ -e /X/on ]; do sleep 0.02; done'\n",
      },
      steps: [
        'systemctl start X_a',
        'touch go',
        { until: 'test "$(systemctl show -p ActiveState --value X_a)" = deactivating' },
        state('X_a'),
        'systemctl is-active X_a',
        'touch on',
        reaches('X_a', 'dead'),
        state('X_a'),
      ],
    },
    {
      id: 'notify_simple',
      about: 'a simple service may tell its status when NotifyAccess lets it',
      files: {
        'X_a.service':
          '[Service]\nNotifyAccess=main\nExecStart=/usr/local/bin/tell READY=1 STATUS=Here -- sleep 1000\n',
      },
      steps: [
        'systemctl start X_a',
        { until: 'test "$(systemctl show -p StatusText --value X_a)" = Here' },
        state('X_a'),
      ],
    },
    {
      id: 'notify_socket',
      about: 'NOTIFY_SOCKET is there for those who are listened to',
      files: {
        'X_a.service': oneshot("/bin/sh -c 'echo $${NOTIFY_SOCKET:+yes} >/X/a'"),
        'X_b.service': oneshot("/bin/sh -c 'echo $${NOTIFY_SOCKET:+yes} >/X/b'", 'NotifyAccess=all'),
      },
      steps: ['systemctl start X_a X_b; cat a b'],
    },
  ],
};
