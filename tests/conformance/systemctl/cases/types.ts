import type { CaseGroup } from '../case.ts';
import { oneshot, reaches, state, written } from '../phrases.ts';

/** `Type=`: when a service has started, and what becomes of it afterwards. */
export const types: CaseGroup = {
  name: 'types',
  cases: [
    {
      id: 'simple_runs',
      about: 'a simple service is active while its process lives and inactive when it has been stopped',
      files: { 'X_a.service': '[Service]\nExecStart=/bin/sleep 1000\n' },
      steps: [
        'systemctl is-active X_a',
        'systemctl start X_a',
        'systemctl is-active X_a',
        state('X_a'),
        'systemctl show -p Type,Restart,RemainAfterExit,MainPID,ControlPID X_a',
        'systemctl start X_a',
        'systemctl stop X_a',
        'systemctl is-active X_a',
        state('X_a'),
        'systemctl stop X_a',
      ],
    },
    {
      id: 'simple_ends',
      about: 'a simple service whose process ends well is inactive',
      files: { 'X_a.service': '[Service]\nExecStart=/bin/true\n' },
      steps: ['systemctl start X_a', reaches('X_a', 'dead'), state('X_a'), 'systemctl is-failed X_a'],
    },
    {
      id: 'simple_fails',
      about: 'a simple service whose process ends badly has started and is failed',
      files: { 'X_a.service': "[Service]\nExecStart=/bin/sh -c 'exit 3'\n" },
      steps: [
        'systemctl start X_a',
        reaches('X_a', 'failed'),
        state('X_a'),
        'systemctl is-failed X_a',
        'systemctl is-active X_a',
        'systemctl reset-failed X_a',
        state('X_a'),
      ],
    },
    {
      id: 'simple_missing',
      about: 'a simple service has started although its program does not exist',
      files: { 'X_a.service': '[Service]\nExecStart=/no/such/program\n' },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), state('X_a')],
    },
    {
      id: 'exec_missing',
      about: 'an exec service has not started when its program does not exist',
      files: { 'X_a.service': '[Service]\nType=exec\nExecStart=/no/such/program\n' },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'exec_runs',
      about: 'an exec service has started once its program runs',
      files: { 'X_a.service': '[Service]\nType=exec\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl stop X_a'],
    },
    {
      id: 'exec_nobody',
      about: 'an exec service has not started when its user does not exist',
      files: { 'X_a.service': '[Service]\nType=exec\nUser=nobody-here\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'oneshot_ends',
      about: 'a oneshot has started when its command has ended, and is inactive then',
      files: { 'X_a.service': oneshot("/bin/sh -c 'echo done >>/X/out'") },
      steps: ['systemctl start X_a', 'cat out', state('X_a'), 'systemctl start X_a', 'cat out'],
    },
    {
      id: 'oneshot_stays',
      about: 'a oneshot with RemainAfterExit is active after its command and is not run again',
      files: { 'X_a.service': oneshot("/bin/sh -c 'echo done >>/X/out'", 'RemainAfterExit=yes') },
      steps: [
        'systemctl start X_a; systemctl start X_a',
        'cat out',
        state('X_a'),
        'systemctl is-active X_a',
        'systemctl stop X_a',
        state('X_a'),
        'systemctl start X_a',
        'cat out',
      ],
    },
    {
      id: 'oneshot_several',
      about: 'a oneshot runs its commands in turn',
      files: {
        'X_a.service': oneshot(
          "/bin/sh -c 'sleep 0.05; echo 1 >>/X/out'",
          "ExecStart=/bin/sh -c 'echo 2 >>/X/out' ; /bin/sh -c 'echo 3 >>/X/out'\nExecStart=/bin/sh -c 'echo 4 >>/X/out'",
        ),
      },
      steps: ['systemctl start X_a', 'cat out', state('X_a')],
    },
    {
      id: 'oneshot_breaks',
      about: 'a oneshot whose command fails does not run the next, and one that forgives does',
      files: {
        'X_a.service': oneshot(
          "-/bin/sh -c 'echo 1 >>/X/out; exit 1'",
          "ExecStart=/bin/sh -c 'echo 2 >>/X/out; exit 2'\nExecStart=/bin/sh -c 'echo 3 >>/X/out'",
        ),
      },
      steps: ['systemctl start X_a', 'cat out', state('X_a')],
    },
    {
      id: 'oneshot_stop_only',
      about: 'a oneshot may have no ExecStart when it has ExecStop and stays',
      files: {
        'X_a.service': "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/sh -c 'echo stopped >/X/out'\n",
      },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl stop X_a', 'cat out', state('X_a')],
    },
    {
      id: 'oneshot_fails',
      about: 'a oneshot that fails makes start fail',
      files: { 'X_a.service': oneshot("/bin/sh -c 'exit 7'", 'RemainAfterExit=yes') },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'oneshot_killed',
      about: 'a oneshot that a signal ends has failed, SIGTERM included',
      files: {
        'X_a.service': oneshot("/bin/sh -c 'kill -TERM $$$$'"),
        'X_b.service': oneshot("/bin/sh -c 'kill -KILL $$$$'"),
      },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl start X_b', state('X_b')],
    },
    {
      id: 'idle_runs',
      about: 'an idle service is like a simple one',
      files: { 'X_a.service': '[Service]\nType=idle\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start --no-block X_a', reaches('X_a', 'running'), state('X_a'), 'systemctl stop X_a'],
    },
    {
      id: 'forking_guess',
      about: 'of a forking service without PIDFile the process that is left is the main one',
      files: { 'X_a.service': "[Service]\nType=forking\nExecStart=/bin/sh -c 'sleep 1000 & echo $$! >/X/pid'\n" },
      steps: [
        'systemctl start X_a',
        state('X_a'),
        'test "$(cat pid)" = "$(systemctl show -p MainPID --value X_a)"',
        'kill -9 $(cat pid)',
        reaches('X_a', 'failed'),
        state('X_a'),
      ],
    },
    {
      id: 'forking_file',
      about: 'a forking service names its main process in a PID file',
      files: {
        'X_a.service':
          "[Service]\nType=forking\nPIDFile=/X/pid\nExecStart=/bin/sh -c 'sleep 999 & sleep 1000 & echo $$! >/X/pid'\n",
      },
      steps: [
        'systemctl start X_a',
        state('X_a'),
        'test "$(cat pid)" = "$(systemctl show -p MainPID --value X_a)"',
        'systemctl show -p PIDFile X_a',
        'systemctl stop X_a',
        state('X_a'),
        'ls pid',
      ],
    },
    {
      id: 'forking_fails',
      about: 'a forking service whose first process fails has not started',
      files: { 'X_a.service': "[Service]\nType=forking\nExecStart=/bin/sh -c 'sleep 1000 & exit 4'\n" },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'forking_nobody',
      about: 'a forking service that leaves no process is inactive',
      files: { 'X_a.service': '[Service]\nType=forking\nExecStart=/bin/true\n' },
      steps: ['systemctl start X_a', reaches('X_a', 'dead'), state('X_a')],
    },
    {
      id: 'forking_no_file',
      about: 'a forking service that writes no PID file does not start',
      files: {
        'X_a.service':
          "[Service]\nType=forking\nPIDFile=/X/pid\nTimeoutStartSec=300ms\nExecStart=/bin/sh -c 'sleep 1000 &'\n",
      },
      steps: ['systemctl start X_a', state('X_a')],
    },
    {
      id: 'forking_ends',
      about: 'a forking service is inactive when its main process ends well',
      files: { 'X_a.service': "[Service]\nType=forking\nExecStart=/bin/sh -c 'sleep 0.2 &'\n" },
      steps: ['systemctl start X_a', reaches('X_a', 'dead'), state('X_a')],
    },
    {
      id: 'dbus_nameless',
      about: 'a dbus service needs a bus name',
      files: { 'X_a.service': '[Service]\nType=dbus\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', 'systemctl show -p LoadState,ActiveState X_a'],
    },
    {
      id: 'start_post',
      about: 'a service has started when its ExecStartPost has ended, and fails with it',
      files: {
        'X_a.service':
          "[Service]\nExecStart=/bin/sleep 1000\nExecStartPost=/bin/sh -c 'sleep 0.1; echo post >>/X/out'\n",
        'X_b.service': "[Service]\nExecStart=/bin/sleep 1000\nExecStartPost=/bin/sh -c 'exit 6'\n",
        'X_c.service': '[Service]\nExecStart=/bin/sleep 1000\nExecStartPost=-/bin/false\n',
      },
      steps: [
        'systemctl start X_a; cat out',
        state('X_a'),
        'systemctl start X_b',
        state('X_b'),
        'systemctl start X_c',
        state('X_c'),
      ],
    },
    {
      id: 'start_pre',
      about: 'a service whose ExecStartPre fails does not start',
      files: {
        'X_a.service':
          "[Service]\nExecStartPre=/bin/sh -c 'echo pre >>/X/out; exit 9'\nExecStart=/bin/sh -c 'echo main >>/X/out'\nExecStopPost=/bin/sh -c 'echo post >>/X/out'\n",
        'X_b.service':
          "[Service]\nType=oneshot\nExecStartPre=-/bin/false\nExecStartPre=/bin/sh -c 'echo pre2 >>/X/out'\nExecStart=/bin/sh -c 'echo main2 >>/X/out'\n",
      },
      steps: ['systemctl start X_a', 'cat out', state('X_a'), 'systemctl start X_b', 'cat out', state('X_b')],
    },
    {
      id: 'start_pre_state',
      about: 'a service is activating while it prepares',
      files: {
        'X_a.service':
          "[Service]\nExecStartPre=/bin/sh -c 'echo pre >>/X/out; until [ -e /X/go ]; do sleep 0.02; done'\nExecStart=/bin/sleep 1000\n",
      },
      steps: [
        'systemctl start --no-block X_a',
        written('pre'),
        state('X_a'),
        'systemctl is-active X_a',
        'systemctl is-failed X_a',
        'touch go',
        reaches('X_a', 'running'),
        'systemctl is-active X_a',
      ],
    },
    {
      id: 'start_stopped',
      about: 'a start that is stopped meanwhile is cancelled',
      files: {
        'X_a.service':
          "[Service]\nExecStartPre=/bin/sh -c 'echo pre >>/X/out; exec sleep 1000'\nExecStart=/bin/sleep 1000\n",
      },
      steps: [
        '(systemctl start X_a; echo $?) >start 2>&1 &',
        written('pre'),
        'systemctl stop X_a',
        { until: 'grep -q ^[0-9] start' },
        'cat start',
        state('X_a'),
      ],
    },
    {
      id: 'start_both',
      about: 'ExecCondition decides whether a service runs',
      files: {
        'X_a.service': oneshot("/bin/sh -c 'echo a >>/X/out'", 'ExecCondition=/bin/false'),
        'X_b.service': oneshot("/bin/sh -c 'echo b >>/X/out'", 'ExecCondition=/bin/true'),
        'X_c.service': oneshot("/bin/sh -c 'echo c >>/X/out'", "ExecCondition=/bin/sh -c 'exit 255'"),
        'X_d.service': oneshot("/bin/sh -c 'echo d >>/X/out'", "ExecCondition=/bin/sh -c 'kill -9 $$$$'"),
      },
      steps: ['a', 'b', 'c', 'd']
        .flatMap((name) => [`systemctl start X_${name}`, state(`X_${name}`)])
        .concat('cat out'),
    },
  ],
};
