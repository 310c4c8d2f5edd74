import type { Case, CaseGroup } from '../case.ts';
import { journal, oneshot, state } from '../phrases.ts';

/** Kinds of conditions with what holds and what does not. */
const kinds: readonly (readonly [kind: string, holds: readonly string[], fails: readonly string[]])[] = [
  ['PathExists', ['/etc/passwd', '!/no/such'], ['/no/such', '!/etc/passwd']],
  ['PathExistsGlob', ['/etc/pass*', '!/no/such*'], ['/no/such*']],
  ['PathIsDirectory', ['/etc'], ['/etc/passwd', '/no/such']],
  ['PathIsSymbolicLink', ['/proc/self'], ['/etc/passwd']],
  ['PathIsMountPoint', ['/proc', '/'], ['/etc']],
  ['PathIsReadWrite', ['/var/tmp'], ['/no/such']],
  ['DirectoryNotEmpty', ['/etc'], ['/no/such', '/etc/passwd']],
  ['FileNotEmpty', ['/etc/passwd'], ['/dev/null', '/etc', '/no/such']],
  ['FileIsExecutable', ['/bin/sh'], ['/etc/passwd', '/etc']],
  ['User', ['root', '0', '@system'], ['games', '1000']],
  ['Group', ['root', '0'], ['games']],
  ['Architecture', ['x86-64', 'native'], ['arm64']],
  ['Virtualization', ['yes', 'container'], ['no', 'vm', 'kvm']],
  ['KernelCommandLine', ['!no-such-word'], ['no-such-word']],
  ['Capability', ['CAP_CHOWN'], ['!CAP_KILL']],
  ['FirstBoot', ['no'], ['yes']],
  ['KernelVersion', ['>=3.0', '>3 <100'], ['<3.0', '=1.2.3']],
  ['Memory', ['>1M'], ['<1M']],
  ['CPUs', ['>=1'], ['>10000']],
  ['OSRelease', ['ID=debian', 'VERSION_ID>=12'], ['ID=fedora']],
  ['Environment', ['PATH', '!NO_SUCH'], ['NO_SUCH', 'PATH=/x']],
  ['Security', ['!smack'], ['smack']],
  ['CPUFeature', ['fpu'], ['no-such-feature']],
];

const table: readonly Case[] = kinds.map(([kind, holds, fails]) => ({
  id: `condition_${kind.toLowerCase()}`,
  about: `Condition${kind} and Assert${kind}`,
  files: {
    ...Object.fromEntries(
      [...holds, ...fails].map((parameter, at) => [
        `X_${at}.service`,
        `[Unit]\nCondition${kind}=${parameter}\n${oneshot("/bin/sh -c 'echo ran >>/X/out'", 'RemainAfterExit=yes')}`,
      ]),
    ),
    'X_assert.service': `[Unit]\nAssert${kind}=${fails[0] ?? ''}\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
  },
  steps: [
    ...[...holds, ...fails].map(
      (_, at) => `systemctl start X_${at}; systemctl show -p ActiveState,ConditionResult X_${at}`,
    ),
    'systemctl start X_assert',
    'systemctl show -p ActiveState,AssertResult,Result X_assert',
  ],
}));

export const conditions: CaseGroup = {
  name: 'conditions',
  cases: [
    ...table,
    {
      id: 'condition_unmet',
      about: 'a unit whose condition does not hold is skipped, and says so',
      files: {
        'X_a.service': `[Unit]\nDescription=Skipped\nConditionPathExists=/no/such\nConditionPathExists=!/etc/passwd\n${oneshot('/bin/true')}`,
      },
      steps: ['systemctl start X_a', state('X_a'), 'systemctl status X_a', journal('X_a')],
    },
    {
      id: 'condition_triggers',
      about: 'one of the conditions with | is enough',
      files: {
        'X_a.service': `[Unit]\nConditionPathExists=|/no/such\nConditionPathExists=|/etc/passwd\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_b.service': `[Unit]\nConditionPathExists=|/no/such\nConditionPathExists=|!/etc/passwd\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_c.service': `[Unit]\nConditionPathExists=|/etc/passwd\nConditionPathExists=/no/such\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: [
        'systemctl start X_a X_b X_c; systemctl is-active X_a X_b X_c',
        'systemctl status X_b | sed -n 3,6p',
        'systemctl status X_c | sed -n 3,6p',
      ],
    },
    {
      id: 'condition_reset',
      about: 'an empty condition takes all conditions back',
      files: {
        'X_a.service': `[Unit]\nConditionPathExists=/no/such\nConditionPathExists=\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_b.service': `[Unit]\nConditionPathExists=/no/such\nConditionUser=\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_c.service': `[Unit]\nAssertPathExists=/no/such\nAssertPathExists=\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: ['systemctl start X_a X_b X_c; systemctl is-active X_a X_b X_c'],
    },
    {
      id: 'condition_dependencies',
      about: 'what is skipped has pulled in its dependencies all the same, and those that require it start',
      files: {
        'X_a.service': `[Unit]\nConditionPathExists=/no/such\nWants=X_b.service\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_b.service': oneshot('/bin/true', 'RemainAfterExit=yes'),
        'X_c.service': `[Unit]\nRequires=X_a.service\nAfter=X_a.service\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: ['systemctl start X_c', 'systemctl is-active X_a X_b X_c'],
    },
    {
      id: 'assert_dependencies',
      about: 'what requires a unit whose assertion fails does not start',
      files: {
        'X_a.service': `[Unit]\nDescription=Asserting\nAssertPathExists=/no/such\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
        'X_c.service': `[Unit]\nRequires=X_a.service\nAfter=X_a.service\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: [
        'systemctl start X_c',
        'systemctl is-active X_a X_c',
        'systemctl start X_a',
        'systemctl status X_a | sed -n 1,6p',
        journal('X_a'),
      ],
    },
    {
      id: 'condition_again',
      about: 'a condition is looked at anew at each start, and not while the unit is active',
      files: {
        'X_a.service': `[Unit]\nConditionPathExists=/X/go\n${oneshot("/bin/sh -c 'echo ran >>/X/out'", 'RemainAfterExit=yes')}`,
      },
      steps: [
        'systemctl start X_a; systemctl is-active X_a',
        'touch go; systemctl start X_a; systemctl is-active X_a',
        'systemctl show -p ConditionResult X_a',
        'rm go; systemctl start X_a; systemctl is-active X_a',
        'systemctl restart X_a; systemctl is-active X_a',
        'cat out',
      ],
    },
    {
      id: 'condition_bad',
      about: 'a condition that cannot be read is left out',
      files: {
        'X_a.service': `[Unit]\nConditionPathExists=relative\nConditionNonsense=1\n${oneshot('/bin/true', 'RemainAfterExit=yes')}`,
      },
      steps: ['systemctl start X_a; systemctl is-active X_a', `${journal('X_a')} | grep -F /X_a.service: | sort -u`],
    },
  ],
};
