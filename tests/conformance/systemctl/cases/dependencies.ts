import type { CaseGroup } from '../case.ts';
import { active, noting, oneshot, reaches, state, written } from '../phrases.ts';

/** How units pull each other in, wait for each other and go with each other. */
export const dependencies: CaseGroup = {
  name: 'dependencies',
  cases: [
    {
      id: 'dep_wants',
      about: 'Wants pulls in, and its failure matters to nobody',
      files: {
        'X_a.service': noting(
          'a',
          'Wants=X_b.service X_nothere.service X_bad.service\nAfter=X_b.service X_bad.service',
        ),
        'X_b.service': noting('b'),
        'X_bad.service': oneshot('/bin/false'),
      },
      steps: [
        'systemctl start X_a',
        active('X_a', 'X_b', 'X_bad'),
        'cat out',
        'systemctl stop X_b',
        active('X_a', 'X_b'),
      ],
    },
    {
      id: 'dep_requires',
      about: 'Requires pulls in, fails with it, and goes with it',
      files: {
        'X_a.service': noting('a', 'Requires=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b'),
      },
      steps: [
        'systemctl start X_a',
        'cat out',
        active('X_a', 'X_b'),
        'systemctl stop X_b',
        'cat out',
        active('X_a', 'X_b'),
        'systemctl start X_a; systemctl restart X_b',
        { until: 'test $(grep -c +a out) = 3' },
        'cat out',
        active('X_a', 'X_b'),
      ],
    },
    {
      id: 'dep_requires_failed',
      about: 'what requires a unit that fails does not start, when it is ordered after it',
      files: {
        'X_a.service': noting('a', 'Requires=X_bad.service\nAfter=X_bad.service'),
        'X_b.service': noting('b', 'Requires=X_bad.service'),
        'X_bad.service': oneshot("/bin/sh -c 'sleep 0.1; exit 1'"),
      },
      steps: [
        'systemctl start X_a',
        state('X_a'),
        active('X_a', 'X_bad'),
        'systemctl start X_b',
        reaches('X_bad', 'failed'),
        active('X_b', 'X_bad'),
      ],
    },
    {
      id: 'dep_requires_missing',
      about: 'what requires a unit that does not exist or is masked is refused',
      files: {
        'X_a.service': noting('a', 'Requires=X_nothere.service'),
        'X_b.service': noting('b', 'Requires=X_masked.service'),
        'X_c.service': noting('c', 'Wants=X_masked.service'),
        'X_d.service': noting('d', 'Requires=X_bad.service'),
        'X_bad.service': '[Service]\nType=oneshot\n',
        'X_masked.service': '-> /dev/null',
      },
      steps: [
        'systemctl start X_a',
        'systemctl start X_b',
        'systemctl start X_c',
        'systemctl start X_d',
        active('X_a', 'X_b', 'X_c', 'X_d'),
      ],
    },
    {
      id: 'dep_requires_ends',
      about: 'Requires does not follow a unit that ends by itself, BindsTo does',
      files: {
        'X_a.service': noting('a', 'Requires=X_x.service\nAfter=X_x.service'),
        'X_b.service': noting('b', 'BindsTo=X_x.service\nAfter=X_x.service'),
        'X_x.service': "[Service]\nExecStart=/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done'\n",
      },
      steps: [
        'systemctl start X_a X_b',
        active('X_a', 'X_b', 'X_x'),
        'touch go',
        reaches('X_b', 'dead'),
        active('X_a', 'X_b', 'X_x'),
      ],
    },
    {
      id: 'dep_binds_failed',
      about: 'BindsTo goes with a unit that fails',
      files: {
        'X_b.service': noting('b', 'BindsTo=X_x.service\nAfter=X_x.service'),
        'X_x.service': "[Service]\nExecStart=/bin/sh -c 'until [ -e /X/go ]; do sleep 0.02; done; exit 1'\n",
      },
      steps: ['systemctl start X_b', 'touch go', reaches('X_b', 'dead'), active('X_b', 'X_x'), 'cat out'],
    },
    {
      id: 'dep_requisite',
      about: 'Requisite wants a unit to be active already',
      files: {
        'X_a.service': noting('a', 'Requisite=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b'),
      },
      steps: [
        'systemctl start X_a',
        state('X_a'),
        active('X_a', 'X_b'),
        'systemctl start X_b; systemctl start X_a',
        active('X_a', 'X_b'),
        'systemctl stop X_b',
        active('X_a', 'X_b'),
      ],
    },
    {
      id: 'dep_partof',
      about: 'PartOf follows stops and restarts, and pulls in nothing',
      files: {
        'X_a.service': noting('a', 'PartOf=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b'),
      },
      steps: [
        'systemctl start X_a',
        active('X_a', 'X_b'),
        'systemctl start X_b',
        'systemctl restart X_b',
        { until: 'test $(grep -c +a out) = 2' },
        'cat out',
        'systemctl stop X_b',
        active('X_a', 'X_b'),
        'cat out',
      ],
    },
    {
      id: 'dep_on_failure',
      about: 'OnFailure starts a unit, which learns who failed',
      files: {
        'X_a.service': `[Unit]\nOnFailure=X_h@%n.service\n[Service]\nExecStart=/bin/sh -c 'exit 3'\n`,
        'X_h@.service': oneshot(
          "/bin/sh -c 'echo %i $$MONITOR_UNIT $$MONITOR_SERVICE_RESULT $$MONITOR_EXIT_CODE $$MONITOR_EXIT_STATUS >>/X/out'",
        ),
      },
      steps: ['systemctl start X_a', { until: 'test -s out' }, 'cat out'],
    },
    {
      id: 'dep_on_success',
      about: 'OnSuccess starts a unit when the other has ended well',
      files: {
        'X_a.service': `[Unit]\nOnSuccess=X_s.service\nOnFailure=X_f.service\n[Service]\nExecStart=/bin/true\n`,
        'X_s.service': oneshot("/bin/sh -c 'echo success >>/X/out'"),
        'X_f.service': oneshot("/bin/sh -c 'echo failure >>/X/out'"),
        'X_b.service': `[Unit]\nOnSuccess=X_s2.service\n[Service]\nExecStart=/bin/sleep 1000\n`,
        'X_s2.service': oneshot("/bin/sh -c 'echo stopped >>/X/out'"),
      },
      steps: [
        'systemctl start X_a',
        written('success'),
        'cat out',
        'systemctl start X_b; systemctl stop X_b',
        written('stopped'),
        'cat out',
      ],
    },
    {
      id: 'dep_upholds',
      about: 'Upholds starts a unit again whenever it is down',
      files: {
        'X_a.service': noting('a', 'Upholds=X_b.service'),
        'X_b.service': noting('b'),
      },
      steps: [
        'systemctl start X_a',
        reaches('X_b', 'running'),
        'systemctl stop X_b',
        { until: 'test $(grep -c "^+b" out) = 2' },
        reaches('X_b', 'running'),
        active('X_a', 'X_b'),
        'systemctl stop X_a; systemctl stop X_b',
        active('X_a', 'X_b'),
      ],
    },
    {
      id: 'dep_reload',
      about: 'a reload is passed on by PropagatesReloadTo and taken over by ReloadPropagatedFrom',
      files: {
        'X_a.service':
          "[Unit]\nPropagatesReloadTo=X_b.service\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'echo a >>/X/out'\n",
        'X_b.service': "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'echo b >>/X/out'\n",
        'X_c.service':
          "[Unit]\nReloadPropagatedFrom=X_a.service\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'echo c >>/X/out'\n",
        'X_d.service': '[Unit]\nReloadPropagatedFrom=X_a.service\n[Service]\nExecStart=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a X_b X_c X_d',
        'systemctl reload X_a',
        { until: 'test $(wc -l <out) = 3' },
        'sort out',
        active('X_a', 'X_b', 'X_c', 'X_d'),
        'systemctl show -p PropagatesReloadTo,ReloadPropagatedFrom X_a X_c',
      ],
    },
    {
      id: 'dep_stop_propagated',
      about: 'a stop is passed on by PropagatesStopTo and taken over by StopPropagatedFrom',
      files: {
        'X_a.service': noting('a', 'PropagatesStopTo=X_b.service'),
        'X_b.service': noting('b'),
        'X_c.service': noting('c', 'StopPropagatedFrom=X_a.service'),
      },
      steps: [
        'systemctl start X_a X_b X_c',
        'systemctl stop X_a',
        { until: 'test $(grep -c - out) = 3' },
        active('X_a', 'X_b', 'X_c'),
        'systemctl show -p PropagatesStopTo,StopPropagatedFrom X_a X_c',
      ],
    },
    {
      id: 'dep_unneeded',
      about: 'StopWhenUnneeded ends a unit that nobody wants any more',
      files: {
        'X_a.service': noting('a', 'Wants=X_b.service'),
        'X_b.service': noting('b', 'StopWhenUnneeded=yes'),
      },
      steps: ['systemctl start X_a', active('X_a', 'X_b'), 'systemctl stop X_a', reaches('X_b', 'dead'), active('X_b')],
    },
    {
      id: 'dep_target',
      about: 'a target is active when all that it requires is',
      files: {
        'X_t.target': '[Unit]\nDescription=All of it\nRequires=X_a.service\nWants=X_b.service\n',
        'X_a.service': noting('a'),
        'X_b.service': oneshot('/bin/false'),
        'X_u.target': '[Unit]\nRequires=X_b.service\nAfter=X_b.service\n',
      },
      steps: [
        'systemctl start X_t.target',
        'systemctl show -p ActiveState,SubState,Description X_t.target',
        active('X_t.target', 'X_a', 'X_b'),
        'systemctl start X_u.target',
        active('X_u.target'),
        'systemctl stop X_t.target',
        active('X_t.target', 'X_a'),
        'systemctl status X_t.target',
        'systemctl reload X_t.target',
        'systemctl restart X_t.target; systemctl is-active X_t.target',
      ],
    },
    {
      id: 'dep_manual',
      about: 'RefuseManualStart and RefuseManualStop',
      files: {
        'X_a.service': noting('a', 'RefuseManualStart=yes'),
        'X_b.service': noting('b', 'RefuseManualStop=yes\nWants=X_a.service'),
      },
      steps: [
        'systemctl start X_a',
        'systemctl start X_b; systemctl is-active X_a X_b',
        'systemctl stop X_b',
        'systemctl restart X_b',
        'systemctl restart X_a',
        'systemctl show -p CanStart,CanStop X_a X_b',
      ],
    },
    {
      id: 'dep_default',
      about: 'default dependencies are there unless switched off',
      files: {
        'X_a.service': '[Service]\nExecStart=/bin/true\n',
        'X_b.service': '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl show -p Requires --value X_a | tr " " "\\n" | grep target; systemctl show -p Conflicts,Before,DefaultDependencies X_a; systemctl show -p After --value X_a | tr " " "\\n" | grep target | sort',
        'systemctl show -p Conflicts,Before,DefaultDependencies X_b; systemctl show -p After --value X_b | tr " " "\\n" | grep target',
      ],
    },
    {
      id: 'dep_reverse',
      about: 'dependencies are shown from the other side as well',
      files: {
        'X_a.service': noting(
          'a',
          'Requires=X_b.service\nWants=X_c.service\nBindsTo=X_d.service\nPartOf=X_e.service\nConflicts=X_f.service\nAfter=X_b.service\nBefore=X_c.service',
        ),
        ...Object.fromEntries(['b', 'c', 'd', 'e', 'f'].map((name) => [`X_${name}.service`, noting(name)])),
      },
      steps: [
        'systemctl start X_a',
        ...['b', 'c', 'd', 'e', 'f'].map(
          (name) => `systemctl show -p RequiredBy,WantedBy,BoundBy,ConsistsOf,ConflictedBy X_${name}`,
        ),
        'systemctl show -p Wants,BindsTo,PartOf X_a',
        'systemctl show -p Before X_b; systemctl show -p After --value X_c | tr " " "\\n" | grep X_',
      ],
    },
    {
      id: 'dep_chain',
      about: 'a failure travels along a chain of requirements',
      files: {
        'X_a.service': noting('a', 'Requires=X_b.service\nAfter=X_b.service'),
        'X_b.service': noting('b', 'Requires=X_c.service\nAfter=X_c.service'),
        'X_c.service': oneshot('/bin/false'),
      },
      steps: ['systemctl start X_a', active('X_a', 'X_b', 'X_c'), 'systemctl show -p Result X_a X_b X_c'],
    },
    {
      id: 'dep_namespace',
      about: 'JoinsNamespaceOf and RequiresMountsFor do no harm',
      files: {
        'X_a.service':
          '[Unit]\nJoinsNamespaceOf=X_b.service\nRequiresMountsFor=/var/lib\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
      },
      steps: ['systemctl start X_a', state('X_a')],
    },
  ],
};
