import type { CaseGroup } from '../case.ts';
import { journal, oneshot } from '../phrases.ts';

const shown = (text: string) => oneshot(`/usr/bin/printf '<%%s>' ${text}`, 'StandardOutput=file:/X/out');
const warnings = (unit: string) => `${journal(unit)} | grep -F "/${unit}:" | sort -u`;

/** How unit files are read. */
export const syntax: CaseGroup = {
  name: 'syntax',
  cases: [
    {
      id: 'syntax_comments',
      about: 'comments and empty lines mean nothing, inside of a continued line too',
      files: {
        'X_a.service': `# comment
; comment

[Unit]
  # indented
Description=One \\
# in between
; and this
  Two \\

  Three
Documentation=man:x(1) \\
   man:y(2)

[Service]
Type = oneshot
ExecStart = /bin/true   
`,
      },
      steps: ['systemctl show -p Description,Documentation,Type,ExecStart X_a', 'systemctl start X_a'],
    },
    {
      id: 'syntax_continuation',
      about: 'a backslash at the end of a line joins the next with a space',
      files: {
        'X_a.service': shown('a\\\nb c \\\n   d \\\n"e \\\nf"'),
        'X_b.service': '[Unit]\nDescription=ends in a backslash \\\\\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
        'X_c.service': '[Service]\nType=oneshot\nExecStart=/bin/true \\',
      },
      steps: ['systemctl start X_a; cat out', 'systemctl show -p Description,LoadState X_b X_c'],
    },
    {
      id: 'syntax_endings',
      about: 'DOS line ends and a byte order mark are read over',
      files: {
        'X_a.service': '\ufeff[Unit]\r\nDescription=Dos\r\n[Service]\r\nType=oneshot\r\nExecStart=/bin/true\r\n',
      },
      steps: ['systemctl show -p Description,LoadState,Type X_a', 'systemctl start X_a'],
    },
    {
      id: 'syntax_resets',
      about: 'an empty assignment empties a list, in the fragment and in a drop-in',
      files: {
        'X_a.service': oneshot(
          "/bin/sh -c 'echo one >>/X/out'",
          "ExecStart=\nExecStart=/bin/sh -c 'echo two >>/X/out'\nExecStartPre=/bin/false\nExecStartPre=",
        ),
        'X_b.service': oneshot("/bin/sh -c 'echo three >>/X/out'"),
        'X_b.service.d/x.conf': "[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo four >>/X/out'\n",
        'X_c.service': '[Unit]\nWants=X_a.service\nWants=\nAfter=X_a.service\nAfter=\n[Service]\nExecStart=/bin/true\n',
      },
      steps: ['systemctl start X_a X_b; sort out', 'systemctl show -p Wants X_c'],
    },
    {
      id: 'syntax_scalars',
      about: 'of settings that hold one value the last one counts, and an empty one takes it back',
      files: {
        'X_a.service':
          '[Unit]\nDescription=One\nDescription=Two\n[Service]\nType=simple\nType=oneshot\nExecStart=/bin/true\nUser=games\nUser=\nRestartSec=5\nRestartSec=\nUMask=077\nUMask=\n',
        'X_b.service': '[Unit]\nDescription=One\nDescription=\n[Service]\nExecStart=/bin/true\n',
      },
      steps: ['systemctl show -p Description,Type,User,RestartUSec,UMask X_a', 'systemctl show -p Description X_b'],
    },
    {
      id: 'syntax_booleans',
      about: 'yes, true, on, 1, y and t are the same',
      files: Object.fromEntries(
        ['yes', 'True', 'on', '1', 'y', 'T', 'no', 'off', '0', 'false', 'maybe', '2', 'YES'].map((word) => [
          `X_${word}.service`,
          oneshot('/bin/true', `RemainAfterExit=${word}`),
        ]),
      ),
      steps: [
        'for i in yes True on 1 y T no off 0 false maybe 2 YES; do echo $i $(systemctl show -p RemainAfterExit --value X_$i); done',
      ],
    },
    {
      id: 'syntax_spans',
      about: 'time spans in all units',
      files: Object.fromEntries(
        [
          '5',
          '5s',
          '1min',
          '2min 200ms',
          '1h30m',
          '1.5s',
          '3 sec',
          '1d',
          '1w',
          '1month',
          '1y',
          '500ms',
          '250us',
          '5 parsecs',
          '-5',
          'infinity',
          '1h 2x',
          '90',
        ].map((text, at) => [`X_${at}.service`, oneshot('/bin/true', `RestartSec=${text}`)]),
      ),
      steps: [
        'for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do systemctl show -p RestartUSec --value X_$i; done',
      ],
    },
    {
      id: 'syntax_unknown_key',
      about: 'an unknown key is warned about with file and line, and does no harm',
      files: { 'X_a.service': '[Unit]\nNoSuchKey=1\n[Service]\nType=oneshot\nExecStart=/bin/true\nAnother=2\n' },
      steps: ['systemctl start X_a', 'systemctl show -p LoadState X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_unknown_section',
      about: 'an unknown section is warned about once, X- sections are not',
      files: {
        'X_a.service': '[Nonsense]\nA=1\nB=2\n[X-Mine]\nA=1\n[Service]\nType=oneshot\nExecStart=/bin/true\nX-Own=3\n',
      },
      steps: ['systemctl start X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_broken_lines',
      about: 'lines that are no assignments are warned about and left out',
      files: {
        'X_a.service':
          'A=outside\n[Service]\nType=oneshot\nnonsense\n=value\nExecStart=/bin/true\nRestart=perhaps\nRestartSec=soon\nUMask=abc\nKillSignal=SIGNOPE\nTimeoutStopSec=\nEnvironmentFile=relative\nNice=many\nUser=in valid\n',
      },
      steps: ['systemctl start X_a', 'systemctl show -p LoadState X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_broken_values',
      about: 'values that mean nothing are warned about, each in its own words',
      files: {
        'X_a.service':
          '[Unit]\nStartLimitBurst=some\nStartLimitIntervalSec=often\nRefuseManualStart=perhaps\nCollectMode=never\nOnFailureJobMode=soon\nJobTimeoutSec=later\n[Service]\nType=both\nNotifyAccess=some\nKillMode=softly\nTimeoutStartSec=soon\nRuntimeMaxSec=long\nWatchdogSec=dog\nStandardOutput=paper\nStandardInput=tape\nRestartPreventExitStatus=many\nSuccessExitStatus=1 many 300\nRemainAfterExit=never\nNice=40\nLimitNOFILE=many\nOOMScoreAdjust=5000\nIOSchedulingClass=fast\nCPUSchedulingPolicy=fast\nSyslogLevel=loud\nUMask=\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl start X_a',
        'systemctl show -p Type,SuccessExitStatus,UMask,LoadState X_a',
        warnings('X_a.service'),
      ],
    },
    {
      id: 'syntax_fatal_values',
      about: 'some values keep a unit from being loaded at all',
      files: {
        'X_a.service': oneshot('/bin/true', 'Group=in valid'),
        'X_b.service': oneshot('/bin/true', 'SupplementaryGroups=fine in/valid'),
        'X_c.service': oneshot('/bin/true', 'RuntimeDirectory=/abs ok ../up'),
        'X_d.service': oneshot('/bin/true', 'Environment=2=3 =4 "A=b'),
        'X_e.service': oneshot('/bin/true', 'User=in/valid'),
        'X_f.service': oneshot('/bin/true', 'StandardOutput=file:relative'),
        'X_g.service': oneshot('/bin/true', 'RootDirectory=relative'),
        'X_h.service': oneshot('/bin/true', 'PIDFile=../up'),
      },
      steps: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((name) => [
        `systemctl start X_${name}; systemctl show -p LoadState X_${name}`,
        warnings(`X_${name}.service`),
      ]),
    },
    {
      id: 'syntax_bad_header',
      about: 'a section header that is not closed',
      files: { 'X_a.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install\nWantedBy=multi-user.target\n' },
      steps: ['systemctl start X_a', 'systemctl show -p LoadState X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_dependency_names',
      about: 'a dependency with an impossible name is warned about',
      files: {
        'X_a.service':
          '[Unit]\nWants=bad/name.service nosuffix X_b.service\nAfter=X_%i.service "X_c.service"\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
      },
      steps: ['systemctl start X_a', 'systemctl show -p Wants X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_specifiers',
      about: 'specifiers name the unit and its parts',
      files: {
        'X_a-b.service': shown('%n %N %p %P %i %I %j %J %f %t %S %C %L %E %T %V %u %U %g %G %h %s %% 100%%'),
        'X_t@.service': shown('%n %N %p %P %i %I %j %J %f %y %Y'),
      },
      steps: [
        'systemctl start X_a-b.service; cat out',
        "systemctl start 'X_t@some-path\\x2dx.service'; cat out",
        "systemctl start 'X_t@.service'",
        'systemctl start X_t@plain; cat out',
      ],
    },
    {
      id: 'syntax_specifier_machine',
      about: 'specifiers of the machine are what the machine says',
      files: { 'X_a.service': shown('%m %b %H %l %v %a %o %w %q') },
      steps: [
        'systemctl start X_a; test "$(cat out)" = "<$(cat /etc/machine-id)><$(tr -d - </proc/sys/kernel/random/boot_id)><$(hostname)><$(hostname -s)><$(uname -r)><x86-64><debian><12><$(hostname)>"',
      ],
    },
    {
      id: 'syntax_specifier_unknown',
      about: 'an unknown specifier spoils its line',
      files: {
        'X_a.service': oneshot('/bin/echo %Z', 'ExecStart=/bin/echo fine'),
        'X_b.service': '[Unit]\nDescription=100 %\n[Service]\nType=oneshot\nExecStart=/bin/echo 50%\n',
        'X_c.service': '[Unit]\nDescription=%X here\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
      },
      steps: [
        'systemctl start X_a; systemctl show -p ExecStart X_a',
        'systemctl show -p Description,ExecStart,LoadState X_b X_c',
        warnings('X_a.service'),
      ],
    },
    {
      id: 'syntax_specifier_places',
      about: 'specifiers are resolved in the settings that take them',
      files: {
        'X_t@.service':
          '[Unit]\nDescription=Instance %i of %p\nDocumentation=man:%i(1)\n[Service]\nType=oneshot\nUser=%i\nWorkingDirectory=/%i\nEnvironment=A=%i\nExecStart=/bin/true\nRuntimeDirectory=%p/%i\nSyslogIdentifier=%N\n',
      },
      steps: [
        'systemctl show -p Description,Documentation,User,WorkingDirectory,Environment,RuntimeDirectory,SyslogIdentifier X_t@games',
      ],
    },
    {
      id: 'syntax_no_exec',
      about: 'a service without commands is refused',
      files: {
        'X_a.service': '[Service]\nType=oneshot\n',
        'X_b.service': '[Service]\nType=simple\nExecStop=/bin/true\n',
        'X_c.service': '[Service]\nExecStart=/bin/true\nExecStart=/bin/false\n',
        'X_d.service': '[Unit]\nDescription=No section\n',
        'X_e.service': '[Service]\nType=oneshot\nExecStop=/bin/true\n',
      },
      steps: ['a', 'b', 'c', 'd', 'e']
        .flatMap((name) => [`systemctl start X_${name}`, `systemctl show -p LoadState,LoadError,ActiveState X_${name}`])
        .concat(['a', 'b', 'c', 'd', 'e'].map((name) => `${journal(`X_${name}`)} | grep Refusing | sort -u`)),
    },
    {
      id: 'syntax_bad_exec',
      about: 'commands that cannot be are left out',
      files: {
        'X_a.service': oneshot('relative/path', 'ExecStart=/bin/true'),
        'X_b.service': oneshot('-', 'ExecStart=/bin/true'),
        'X_c.service': oneshot('/bin/', 'ExecStart=/bin/true'),
        'X_d.service': '[Service]\nExecStart=relative/path\n',
        'X_e.service': oneshot("/bin/true 'open", 'ExecStart=/bin/true'),
      },
      steps: [
        'systemctl start X_a; systemctl start X_b; systemctl start X_c; systemctl start X_e',
        'systemctl start X_d',
        'systemctl show -p LoadState,ExecStart X_a X_b X_c X_d X_e',
        warnings('X_a.service'),
        warnings('X_b.service'),
        warnings('X_c.service'),
        warnings('X_d.service'),
        warnings('X_e.service'),
      ],
    },
    {
      id: 'syntax_empty',
      about: 'an empty file is a masked unit',
      files: { 'X_a.service': '', 'X_b.service': '\n' },
      steps: [
        'systemctl start X_a',
        'systemctl show -p LoadState X_a X_b',
        'systemctl is-enabled X_a X_b',
        'systemctl start X_b',
      ],
    },
    {
      id: 'syntax_repeated',
      about: 'a section may come back',
      files: {
        'X_a.service':
          '[Service]\nType=oneshot\n[Unit]\nDescription=One\n[Service]\nExecStart=/bin/true\n[Unit]\nDescription=Two\n',
      },
      steps: ['systemctl show -p Description,Type,LoadState X_a', 'systemctl start X_a'],
    },
    {
      id: 'syntax_case',
      about: 'keys and sections are what they are, in upper and lower case',
      files: {
        'X_a.service': '[service]\nType=oneshot\n[Service]\ntype=oneshot\nExecStart=/bin/true\nExecstart=/bin/false\n',
      },
      steps: ['systemctl show -p Type,LoadState X_a', warnings('X_a.service')],
    },
    {
      id: 'syntax_long',
      about: 'long lines are no problem',
      files: { 'X_a.service': oneshot(`/bin/sh -c 'echo $${'#'} >>/X/out' ${'word '.repeat(5000)}`) },
      steps: ['systemctl start X_a; cat out'],
    },
  ],
};
