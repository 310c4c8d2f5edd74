import type { CaseGroup } from '../case.ts';
import { active, journal, noting, oneshot, reaches } from '../phrases.ts';

/** Who waits for whom, who is in whose way, and circles. */
export const order: CaseGroup = {
  name: 'order',
  cases: [
    {
      id: 'dep_conflicts',
      about: 'of two units in conflict one is stopped when the other starts',
      files: {
        'X_a.service': noting('a', 'Conflicts=X_b.service'),
        'X_b.service': noting('b'),
        'X_c.service': noting('c', 'Conflicts=X_d.service\nWants=X_d.service'),
        'X_d.service': noting('d'),
        'X_e.service': noting('e', 'Conflicts=X_f.service\nRequires=X_f.service'),
        'X_f.service': noting('f'),
      },
      steps: [
        'systemctl start X_b',
        'systemctl start X_a',
        { until: 'test "$(systemctl show -p SubState --value X_b)" = dead' },
        active('X_a', 'X_b'),
        'systemctl start X_b',
        { until: 'test "$(systemctl show -p SubState --value X_a)" = dead' },
        active('X_a', 'X_b'),
        'systemctl start X_c',
        active('X_c', 'X_d'),
        // Which of the two is named is a matter of chance.
        'systemctl start X_e 2>&1 | sed "s/X_[ef]/X_e or f/g"',
        active('X_e', 'X_f'),
      ],
    },
    {
      id: 'dep_conflicts_order',
      about: 'a unit that is ordered starts after the one in conflict has stopped',
      files: {
        'X_a.service': noting('a', 'Conflicts=X_b.service\nAfter=X_b.service'),
        'X_b.service': `[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'sleep 0.2; echo -b >>/X/out'\n`,
      },
      steps: ['systemctl start X_b', 'systemctl start X_a', 'cat out', active('X_a', 'X_b')],
    },
    {
      id: 'dep_order',
      about: 'After and Before order starts, and stops the other way round',
      files: {
        'X_t.target':
          '[Unit]\nRequires=X_a.service X_b.service X_c.service\nAfter=X_a.service X_b.service X_c.service\n',
        'X_a.service': noting('a', 'PartOf=X_t.target', "ExecStartPost=/bin/sh -c 'sleep 0.1'"),
        'X_b.service': noting('b', 'After=X_a.service\nPartOf=X_t.target', "ExecStartPost=/bin/sh -c 'sleep 0.05'"),
        'X_c.service': noting('c', 'Before=X_a.service\nPartOf=X_t.target', "ExecStartPost=/bin/sh -c 'sleep 0.05'"),
      },
      steps: [
        'systemctl start X_t.target',
        'cat out',
        ': >out; systemctl stop X_t.target',
        { until: 'test $(wc -l <out) = 3' },
        'cat out',
        ': >out; systemctl start X_t.target; systemctl restart X_a',
        reaches('X_t.target', 'active'),
        reaches('X_b', 'running'),
        'cat out',
        'systemctl is-active X_a X_b X_c X_t.target',
        ': >out; systemctl stop X_a X_b X_c; cat out',
      ],
    },
    {
      id: 'dep_order_names',
      about: 'order alone pulls in nothing',
      files: { 'X_a.service': noting('a', 'After=X_b.service X_nothere.service'), 'X_b.service': noting('b') },
      steps: ['systemctl start X_a', active('X_a', 'X_b')],
    },
    {
      id: 'dep_cycle_wants',
      about: 'a cycle of orders is broken by leaving out what is only wanted',
      files: {
        'X_a.service': noting('a', 'Wants=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b', 'After=X_a.service'),
      },
      steps: [
        'systemctl start X_a',
        active('X_a', 'X_b'), // Which of the two is asked first is a matter of chance.
        `for i in a b; do ${journal('X_$i')}; done | grep 'ordering cycle' | sed 's/X_[ab]/X_a or b/g' | sort -u`,
      ],
    },
    {
      id: 'dep_cycle_requires',
      about: 'a cycle of requirements in order is refused',
      files: {
        'X_a.service': noting('a', 'Requires=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b', 'Requires=X_a.service\nAfter=X_a.service'),
      },
      steps: ['systemctl start X_a', active('X_a', 'X_b')],
    },
    {
      id: 'dep_cycle_self',
      about: 'requirements in a circle without order are fine',
      files: {
        'X_a.service': noting('a', 'Requires=X_b.service'),
        'X_b.service': noting('b', 'Requires=X_a.service X_b.service\nAfter=X_b.service'),
      },
      steps: ['systemctl start X_a', active('X_a', 'X_b'), 'systemctl stop X_b', active('X_a', 'X_b')],
    },
    {
      id: 'dep_slow',
      about: 'a slow start of one unit holds up no other',
      files: {
        'X_a.service': oneshot("/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done'", 'RemainAfterExit=yes'),
        'X_b.service': oneshot('/bin/true', 'RemainAfterExit=yes'),
        'X_c.service': `[Unit]\nAfter=X_a.service\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: [
        'systemctl start --no-block X_a X_c',
        'systemctl start X_b',
        active('X_a', 'X_b', 'X_c'),
        'systemctl list-jobs | grep -o "X_.*" | sed "s/  */ /g" | sort',
        'touch go',
        reaches('X_c', 'exited'),
        active('X_a', 'X_b', 'X_c'),
      ],
    },
    {
      id: 'dep_while_starting',
      about: 'a stop takes back a start that waits',
      files: {
        'X_a.service': oneshot("/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done'", 'RemainAfterExit=yes'),
        'X_b.service': `[Unit]\nAfter=X_a.service\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: [
        'systemctl start --no-block X_a X_b',
        '(systemctl start X_b; echo $?) >start 2>&1 & until systemctl list-jobs | grep -q X_b; do sleep 0.02; done; sleep 0.2; systemctl stop X_b',
        { until: 'grep -q ^[0-9] start' },
        'cat start',
        active('X_a', 'X_b'),
        'touch go',
        reaches('X_a', 'exited'),
        active('X_a', 'X_b'),
      ],
    },
  ],
};
