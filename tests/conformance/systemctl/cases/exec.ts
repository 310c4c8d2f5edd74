import type { CaseGroup } from '../case.ts';
import { oneshot, reaches, state } from '../phrases.ts';

/** A oneshot that writes the outcome of a shell line. */
const shows = (line: string, more = '') => oneshot(`/bin/sh -c '{ ${line}; } >>/X/out 2>&1'`, more);

/** What a process is given: user, directory, environment, streams. */
export const exec: CaseGroup = {
  name: 'exec',
  cases: [
    {
      id: 'exec_user',
      about: 'User= gives the user, its groups and its variables',
      files: {
        'X_a.service': shows('id; echo $$HOME $$LOGNAME $$USER $$SHELL; pwd; umask', 'User=games'),
        'X_b.service': shows('id; echo $${HOME-none} $${LOGNAME-none} $${USER-none} $${SHELL-none}; pwd; umask'),
        'X_c.service': shows('id', 'User=1'),
        'X_d.service': shows('id', 'User=games\nGroup=audio'),
        'X_e.service': shows('id', 'Group=audio'),
        'X_f.service': shows('id', 'User=games\nSupplementaryGroups=audio video'),
        'X_g.service': shows('id', 'SupplementaryGroups=audio'),
        'X_h.service': shows('id', 'User=12345'),
        'X_i.service': shows('echo $$HOME', 'User=root'),
      },
      steps: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
        (name) => `rm -f out; systemctl start X_${name}; cat out`,
      ),
    },
    {
      id: 'exec_accounts',
      about: 'users and groups that do not exist end a service with 217 and 216',
      files: {
        'X_a.service': oneshot('/bin/true', 'User=nobody-here'),
        'X_b.service': oneshot('/bin/true', 'Group=nobody-here'),
        'X_c.service': oneshot('/bin/true', 'SupplementaryGroups=nobody-here'),
      },
      steps: ['a', 'b', 'c'].flatMap((name) => [`systemctl start X_${name}`, state(`X_${name}`)]),
    },
    {
      id: 'exec_failures',
      about: 'what cannot be executed ends a service with 203',
      files: {
        'X_a.service': oneshot('/no/such/program'),
        'X_b.service': oneshot('/etc/passwd'),
        'X_c.service': oneshot('/usr'),
        'X_d.service': oneshot('-/no/such/program'),
        'X_e.service': oneshot('no-such-program'),
        '/X/broken': 'no interpreter line',
        '/X/nointerpreter': '#!/no/such/interpreter\n',
        'X_f.service': oneshot('/X/broken'),
        'X_g.service': oneshot('/X/nointerpreter'),
      },
      steps: ['chmod 755 broken'].concat(
        ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((name) => [`systemctl start X_${name}`, state(`X_${name}`)]),
      ),
    },
    {
      id: 'exec_directory',
      about: 'WorkingDirectory is where a process starts; 200 when it is missing, unless it may be',
      files: {
        'X_a.service': shows('pwd', 'WorkingDirectory=/usr/lib'),
        'X_b.service': shows('pwd', 'WorkingDirectory=/no/such'),
        'X_c.service': shows('pwd', 'WorkingDirectory=-/no/such'),
        'X_d.service': shows('pwd', 'WorkingDirectory=~\nUser=games'),
        'X_e.service': shows('pwd', 'WorkingDirectory=~'),
        'X_f.service': shows('pwd'),
        'X_g.service': shows('pwd', 'WorkingDirectory=/usr/lib\nWorkingDirectory='),
        'X_h.service': shows('pwd', 'WorkingDirectory=relative'),
      },
      steps: [
        'mkdir -p /usr/games',
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `rm -f out; systemctl start X_${name}; cat out`),
        state('X_b'),
        'systemctl show -p WorkingDirectory X_a X_c X_d X_h',
      ],
    },
    {
      id: 'exec_umask',
      about: 'UMask is 0022 or what is said',
      files: {
        'X_a.service': shows('umask'),
        'X_b.service': shows('umask', 'UMask=0077'),
        'X_c.service': shows('umask', 'UMask=7'),
        'X_d.service': shows('umask', 'UMask=999'),
      },
      steps: ['for i in a b c d; do systemctl start X_$i; done; cat out', 'systemctl show -p UMask X_a X_b X_c X_d'],
    },
    {
      id: 'exec_nice',
      about: 'Nice is what is said',
      files: {
        'X_a.service': shows('nice', 'Nice=7'),
        'X_b.service': shows('nice', 'Nice=-3'),
        'X_c.service': shows('nice', 'Nice=99'),
        'X_d.service': shows('nice'),
      },
      steps: ['for i in a b c d; do systemctl start X_$i; done; cat out', 'systemctl show -p Nice X_a X_b X_c'],
      differs: [
        {
          step: 0,
          why: "root of a sandbox has no more right to the host's processors than anybody else",
          lohar: { stdout: '7\n0\n0\n0\n' },
        },
      ],
    },
    {
      id: 'exec_environment',
      about: 'Environment takes assignments in words and quotes, later ones win, and an empty one resets',
      files: {
        'X_a.service': shows(
          'echo "$$A|$$B|$$C|$$D|$$E"',
          `Environment=A=1 "B=two words" 'C=3'\nEnvironment=A=4\nEnvironment=D="a b"\nEnvironment=E=`,
        ),
        'X_b.service': shows('echo "$$A|$$B"', 'Environment=A=1\nEnvironment=\nEnvironment=B=2'),
        'X_c.service': shows('echo "$$A|$$B"', 'Environment=A=1 2B=2 =x B\\x41=3 B=%n'),
        'X_d.service': shows('echo "$$A|$$B"', 'Environment="A=a\\nb" B=$A'),
      },
      steps: [
        'for i in a b c d; do systemctl start X_$i; done; cat out',
        'systemctl show -p Environment X_a X_b X_c X_d',
      ],
    },
    {
      id: 'exec_environment_file',
      about: 'EnvironmentFile comes after Environment, wherever it stands',
      files: {
        '/X/env1':
          '# comment\nA=file1\nB="quoted # value"\n; comment\nC=\'single\'\nD=with spaces at the end  \nE=a\\\nb\nF=\nnot an assignment\nexport G=1\n',
        '/X/env2': 'A=file2\n',
        'X_a.service': shows(
          'echo "$$A|$$B|$$C|$$D|$$E|$$F|$$G|$$H"',
          'EnvironmentFile=/X/env1\nEnvironmentFile=/X/env2\nEnvironment=A=unit H=unit',
        ),
        'X_b.service': shows('echo "$$A"', 'EnvironmentFile=/X/env2\nEnvironmentFile=-/X/missing'),
        'X_c.service': shows('echo "$$A"', 'EnvironmentFile=/X/missing'),
        'X_d.service': shows('echo "$$A"', 'EnvironmentFile=/X/env1\nEnvironmentFile=\nEnvironmentFile=/X/env2'),
        'X_e.service': shows('echo "$$A"', 'EnvironmentFile=/X/env*'),
      },
      steps: [
        'for i in a b d e; do systemctl start X_$i; done; cat out',
        'systemctl start X_c',
        state('X_c'),
        'systemctl show -p EnvironmentFiles X_a X_b X_d',
      ],
    },
    {
      id: 'exec_variables',
      about: "a process gets systemd's own variables and nothing of the manager's",
      files: {
        'X_a.service': shows(
          'env -u PWD -u SHLVL -u _ -u OLDPWD -u LANG | sed "s/=[0-9a-f]\\{32\\}$/=ID/; s/=[0-9]*:[0-9]*$/=DEV:INODE/; s/^SYSTEMD_EXEC_PID=.*/SYSTEMD_EXEC_PID=PID/" | sort',
        ),
        'X_b.service': shows('test $$SYSTEMD_EXEC_PID = $$$$ && echo same'),
        'X_c.service': shows('env | grep -c ^A=; echo $$B', 'Environment=A=1 B=2\nUnsetEnvironment=A B=3'),
      },
      steps: ['for i in a b c; do systemctl start X_$i; done; cat out'],
      differs: [
        {
          step: 0,
          why: 'what a unit writes goes through a pipe and not through a socket of the journal',
          lohar: {
            stdout: `INVOCATION_ID=ID
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_EXEC_PID=PID
same
0
2
`,
          },
        },
      ],
    },
    {
      id: 'exec_expansion',
      about: '${X} stands in a word, $X makes words, $$ is a dollar',
      files: {
        'X_a.service': oneshot(
          `/usr/bin/printf '<%%s>' $ONE \${ONE} $TWO \${TWO} "$TWO" x$TWO x\${TWO}y $NONE \${NONE} "\${NONE}" $$TWO $\${TWO} $EMPTY \${EMPTY} \${QUOTED} $QUOTED`,
          `Environment="ONE=one" "TWO=two words" "EMPTY=" "QUOTED='a b' c"\nStandardOutput=file:/X/out`,
        ),
        'X_b.service': oneshot(
          `/usr/bin/printf '<%%s>' \${TWO:-other} \${NONE:-other} \${NONE:-a b} \${TWO:+set} \${NONE:+set} \${TWO $1 \${1} $- \${} $ $TWO-x $TWO.y $$$ a$TWO$ \${TWO}\${ONE}`,
          `Environment="TWO=two words"\nStandardOutput=file:/X/b`,
        ),
        'X_c.service': oneshot(
          `:/usr/bin/printf '<%%s>' $ONE \${ONE} $$`,
          `Environment="ONE=one"\nStandardOutput=file:/X/c`,
        ),
        'X_d.service': oneshot('$PROGRAM', 'Environment=PROGRAM=/bin/true'),
      },
      steps: [
        'systemctl start X_a X_b X_c; for i in out b c; do cat $i; echo; done',
        'systemctl start X_d',
        'systemctl show -p LoadState X_d',
      ],
    },
    {
      id: 'exec_quoting',
      about: 'words are cut and unquoted as systemd.syntax says',
      files: {
        'X_a.service': oneshot(
          `/usr/bin/printf '<%%s>' a "b c" 'd e' f\\x20g h\\tj "k\\"l" 'm\\'n' o"p q"r "" '' s\\\\t \\; u\\sv w\\u00e9 \\101 x\\qy`,
          'StandardOutput=file:/X/out',
        ),
        'X_b.service': oneshot(`/usr/bin/printf '<%%s>' a ; /usr/bin/printf '<%%s>' b`, 'StandardOutput=append:/X/b'),
        'X_c.service': oneshot(`/usr/bin/printf '<%%s>' a";"b "; c" d;e`, 'StandardOutput=append:/X/c'),
        'X_d.service': oneshot(`/bin/true "unbalanced`, 'ExecStart=/bin/echo fine'),
      },
      steps: [
        'systemctl start X_a X_b X_c; for i in out b c; do cat $i; echo; done',
        'systemctl start X_d; systemctl show -p ExecStart X_d',
      ],
    },
    {
      id: 'exec_prefixes',
      about: 'the prefixes: @ another name, - forgiven, + and ! as root',
      files: {
        'X_a.service': oneshot(`@/bin/sh fancy -c 'echo $$0 >>/X/out'`),
        'X_b.service': oneshot(`+/bin/sh -c 'id -un >>/X/out'`, 'User=games'),
        'X_c.service': oneshot(`!/bin/sh -c 'id -un >>/X/out'`, 'User=games'),
        'X_d.service': oneshot(`-/bin/sh -c 'id -un >>/X/out; exit 3'`, 'User=games'),
        'X_e.service': oneshot(`-@/bin/sh fancier -c 'echo $$0 >>/X/out; exit 1'`),
        'X_f.service': oneshot(`!!/bin/sh -c 'id -un >>/X/out'`, 'User=games'),
        'X_g.service': oneshot(`+!/bin/sh -c 'id -un >>/X/out'`, 'User=games'),
        'X_h.service': oneshot(`|/bin/sh -c 'id -un >>/X/out'`, 'User=games'),
        'X_i.service': oneshot(`@/bin/cat`),
      },
      steps: [
        'touch out; chmod 666 out',
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => `systemctl start X_${name}; cat out; : >out`),
      ],
    },
    {
      id: 'exec_path',
      about: 'a program without a path is looked for',
      files: {
        'X_a.service': oneshot("sh -c 'echo found $$0 >>/X/out'"),
        'X_b.service': oneshot('bin/sh -c true'),
        'X_c.service': oneshot('/bin/../bin/sh -c true'),
        'X_d.service': oneshot('/bin/'),
      },
      steps: [
        'systemctl start X_a; cat out',
        'systemctl start X_b',
        'systemctl start X_c',
        'systemctl start X_d',
        'systemctl show -p LoadState,LoadError X_b X_c X_d',
      ],
    },
    {
      id: 'exec_output',
      about: 'StandardOutput=file keeps what was there, append adds, truncate begins anew',
      files: {
        'X_a.service': oneshot('/bin/echo new', 'StandardOutput=file:/X/file'),
        'X_b.service': oneshot('/bin/echo new', 'StandardOutput=append:/X/append'),
        'X_c.service': oneshot('/bin/echo new', 'StandardOutput=truncate:/X/truncate'),
        'X_d.service': oneshot("/bin/sh -c 'echo out; echo err >&2'", 'StandardOutput=file:/X/both'),
        'X_e.service': oneshot(
          "/bin/sh -c 'echo out; echo err >&2'",
          'StandardOutput=file:/X/only\nStandardError=file:/X/err',
        ),
        'X_f.service': oneshot("/bin/sh -c 'echo out; echo err >&2'", 'StandardOutput=null\nStandardError=append:/X/f'),
        'X_g.service': oneshot('/bin/cat', 'StandardInput=file:/X/append\nStandardOutput=file:/X/copy'),
        'X_h.service': oneshot('/bin/echo new', 'StandardOutput=file:/no/such/file'),
        'X_i.service': oneshot('/bin/cat', 'StandardInput=file:/no/such/file'),
        'X_j.service': oneshot("/bin/sh -c 'wc -c; readlink /proc/self/fd/0'", 'StandardOutput=file:/X/in'),
      },
      steps: [
        'for i in file append truncate; do echo old and longer >$i; done',
        'systemctl start X_a X_b X_c X_d X_e X_f X_j; systemctl start X_g; for i in file append truncate both only err f copy in; do echo = $i; cat $i; done',
        'systemctl start X_h',
        state('X_h'),
        'systemctl start X_i',
        state('X_i'),
        'stat -c "%a %U" file both',
      ],
    },
    {
      id: 'exec_runtime',
      about: 'RuntimeDirectory is made with owner and mode, and goes with the service',
      files: {
        'X_a.service':
          '[Service]\nType=exec\nUser=games\nRuntimeDirectory=X_a X_a/deep\nRuntimeDirectoryMode=0750\nExecStart=/bin/sleep 1000\n',
        'X_b.service':
          '[Service]\nType=exec\nRuntimeDirectory=X_b\nRuntimeDirectoryPreserve=yes\nExecStart=/bin/sleep 1000\n',
        'X_c.service':
          '[Service]\nType=exec\nRuntimeDirectory=X_c\nRuntimeDirectoryPreserve=restart\nExecStart=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a X_b X_c',
        'stat -c "%n %a %U" /run/X_a /run/X_a/deep /run/X_b /run/X_c',
        'touch /run/X_a/file /run/X_b/file /run/X_c/file',
        'systemctl restart X_a X_b X_c',
        'ls /run/X_a/file /run/X_b/file /run/X_c/file',
        'systemctl stop X_a X_b X_c',
        'ls -d /run/X_a /run/X_b /run/X_c',
        'systemctl show -p RuntimeDirectory,RuntimeDirectoryMode,RuntimeDirectoryPreserve X_a',
      ],
    },
    {
      id: 'exec_directories',
      about: 'the other directories stay, and are told in variables',
      files: {
        'X_a.service': shows(
          'echo $$STATE_DIRECTORY $$CACHE_DIRECTORY $$LOGS_DIRECTORY $$CONFIGURATION_DIRECTORY $$RUNTIME_DIRECTORY; stat -c "%n %a %U" $$STATE_DIRECTORY $$CACHE_DIRECTORY $$LOGS_DIRECTORY $$CONFIGURATION_DIRECTORY',
          'User=games\nStateDirectory=X_a\nCacheDirectory=X_a\nLogsDirectory=X_a\nLogsDirectoryMode=700\nConfigurationDirectory=X_a\nRuntimeDirectory=X_1 X_2',
        ),
        'X_b.service': shows('echo here', 'StateDirectory=../up'),
        'X_c.service': shows('echo here', 'StateDirectory=/abs'),
      },
      steps: [
        'touch out; chmod 666 out; systemctl start X_a; cat out',
        'ls -d /var/lib/X_a /var/cache/X_a /var/log/X_a /etc/X_a',
        'systemctl start X_b X_c; systemctl show -p StateDirectory X_b X_c',
      ],
    },
    {
      id: 'exec_owner',
      about: 'a directory that is there is given to the user',
      files: {
        'X_a.service': shows(
          'stat -c "%n %a %U" $$STATE_DIRECTORY $$STATE_DIRECTORY/*',
          'User=games\nStateDirectory=X_a',
        ),
      },
      steps: ['touch out; chmod 666 out; mkdir -p /var/lib/X_a; touch /var/lib/X_a/file; systemctl start X_a; cat out'],
    },
    {
      id: 'exec_arguments',
      about: 'arguments are shown as they are written',
      files: {
        'X_a.service': oneshot(
          `/bin/echo "two words" \${HOME} $HOME 'it is' tab\\there`,
          'RemainAfterExit=yes\nExecStartPre=-/bin/false\nExecStop=+/bin/true\nExecStopPost=:@/bin/true name $X',
        ),
      },
      steps: [
        'systemctl start X_a',
        'systemctl show -p ExecStart,ExecStartPre,ExecStop,ExecStopPost X_a',
        'systemctl status -n 0 X_a',
      ],
    },
    {
      id: 'exec_session',
      about: 'a process leads a session of its own and has no terminal',
      files: {
        'X_a.service': shows('cut -d" " -f1,5,6,7 /proc/$$$$/stat | sed "s/$$$$/SELF/g"'),
      },
      steps: ['systemctl start X_a; cat out'],
    },
    {
      id: 'exec_identifier',
      about: 'SyslogIdentifier is what the journal calls a service',
      files: {
        'X_a.service': oneshot('/bin/echo hello', 'SyslogIdentifier=fancy'),
        'X_b.service': oneshot('/bin/echo hello'),
      },
      steps: [
        'systemctl start X_a X_b',
        { until: 'journalctl --sync; journalctl -u X_a -u X_b | grep -c hello | grep -qx 2' },
        'journalctl --no-pager -u X_a | grep hello',
        'journalctl --no-pager -u X_b | grep hello',
      ],
    },
    {
      id: 'exec_condition',
      about: 'a service that its ExecCondition skipped is inactive and not failed',
      files: { 'X_a.service': '[Service]\nExecCondition=/bin/false\nExecStart=/bin/sleep 1000\n' },
      steps: ['systemctl start X_a', reaches('X_a', 'dead'), 'systemctl is-failed X_a'],
    },
  ],
};
