import type { CaseGroup } from '../case.ts';
import { journal as journalOf, noting, oneshot, reaches, written } from '../phrases.ts';

/** What the journal says of the life of a unit. */
export const journal: CaseGroup = {
  name: 'journal',
  cases: [
    {
      id: 'journal_life',
      about: 'the journal tells of start, stop and end',
      files: {
        'X_a.service': '[Unit]\nDescription=A sleeper\n[Service]\nExecStart=/bin/sleep 1000\n',
        'X_b.service': `[Unit]\nDescription=A oneshot\n${oneshot("/bin/sh -c 'sleep 0.1; echo hello; sleep 0.1'")}`,
        'X_c.service': "[Unit]\nDescription=A loser\n[Service]\nExecStart=/bin/sh -c 'exit 3'\n",
        'X_d.service':
          '[Unit]\nDescription=Unprepared\n[Service]\nExecStartPre=/bin/false\nExecStart=/bin/sleep 1000\n',
        'X_e.service': '[Unit]\nDescription=A failing oneshot\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
        'X_f.service':
          '[Unit]\nDescription=A notifier\n[Service]\nType=notify\nExecStart=/usr/local/bin/tell READY=1 -- sleep 1000\n',
      },
      steps: [
        'systemctl start X_a; systemctl stop X_a',
        journalOf('X_a'),
        'systemctl start X_b',
        { until: 'journalctl --sync; journalctl -u X_b | grep -q hello' },
        journalOf('X_b'),
        'systemctl start X_c',
        reaches('X_c', 'failed'),
        journalOf('X_c'),
        'systemctl start X_d',
        journalOf('X_d'),
        'systemctl start X_e',
        journalOf('X_e'),
        'systemctl start X_f; systemctl restart X_f; systemctl stop X_f',
        journalOf('X_f'),
      ],
    },
    {
      id: 'journal_reload',
      about: 'the journal tells of reloads',
      files: {
        'X_a.service': '[Unit]\nDescription=A sleeper\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n',
        'X_b.service': '[Unit]\nDescription=A sleeper\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/false\n',
      },
      steps: [
        'systemctl start X_a; systemctl reload X_a',
        journalOf('X_a'),
        'systemctl start X_b; systemctl reload X_b',
        journalOf('X_b'),
      ],
    },
    {
      id: 'journal_kill',
      about: 'the journal tells of time-outs and kills',
      files: {
        'X_a.service':
          '[Unit]\nDescription=Stubborn\n[Service]\nTimeoutStopSec=200ms\nExecStart=/bin/sh -c \'trap "" TERM; mkfifo /X/never; echo up >>/X/out; read x </X/never\'\n',
        'X_b.service':
          '[Unit]\nDescription=Late\n[Service]\nType=notify\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\n',
        'X_c.service': '[Unit]\nDescription=Limited\n[Service]\nRuntimeMaxSec=50ms\nExecStart=/bin/sleep 1000\n',
        'X_d.service': '[Unit]\nDescription=Silent\n[Service]\nWatchdogSec=50ms\nExecStart=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a',
        written('up'),
        'systemctl stop X_a',
        journalOf('X_a'),
        'systemctl start X_b',
        journalOf('X_b'),
        'systemctl start X_c',
        reaches('X_c', 'failed'),
        journalOf('X_c'),
        'systemctl start X_d',
        reaches('X_d', 'failed'),
        journalOf('X_d'),
      ],
    },
    {
      id: 'journal_restart',
      about: 'the journal tells of restarts and of their limit',
      files: {
        'X_a.service':
          '[Unit]\nDescription=Unlucky\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n[Service]\nRestart=always\nRestartSec=10ms\nExecStart=/bin/false\n',
      },
      steps: ['systemctl start X_a', reaches('X_a', 'failed'), journalOf('X_a')],
    },
    {
      id: 'journal_dependency',
      about: 'the journal tells of dependencies that failed and of targets',
      files: {
        'X_a.service': noting('a', 'Description=Dependent\nRequires=X_b.service\nAfter=X_b.service'),
        'X_b.service': '[Unit]\nDescription=A loser\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
        'X_t.target': '[Unit]\nDescription=A target\n',
      },
      steps: [
        'systemctl start X_a',
        journalOf('X_a'),
        'systemctl start X_t.target; systemctl stop X_t.target',
        journalOf('X_t.target'),
      ],
    },
    {
      id: 'journal_exec',
      about: 'the journal tells why a program could not be run',
      files: {
        'X_a.service': '[Unit]\nDescription=A\n[Service]\nExecStart=/no/such/program\n',
        'X_b.service': '[Unit]\nDescription=B\n[Service]\nUser=nobody-here\nExecStart=/bin/true\n',
        'X_c.service': '[Unit]\nDescription=C\n[Service]\nWorkingDirectory=/no/such\nExecStart=/bin/true\n',
        'X_d.service': '[Unit]\nDescription=D\n[Service]\nGroup=nobody-here\nExecStart=/bin/true\n',
        'X_e.service': '[Unit]\nDescription=E\n[Service]\nEnvironmentFile=/no/such\nExecStart=/bin/true\n',
      },
      steps: ['a', 'b', 'c', 'd', 'e'].flatMap((name) => [
        `systemctl start X_${name}`,
        reaches(`X_${name}`, 'failed'),
        // Who wrote what is a matter of luck for processes that short-lived.
        `journalctl --sync 2>/dev/null; journalctl --no-pager | grep 'X_${name}.service: ' | sed 's/^[^]]*\\]: //' | sort`,
      ]),
    },
  ],
};
