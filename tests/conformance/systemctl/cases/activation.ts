import type { CaseGroup } from '../case.ts';
import { active, oneshot, reaches, state, written } from '../phrases.ts';

const noting = (text: string) => oneshot(`/bin/sh -c 'echo ${text} >>/X/out'`);
/** Says something to a socket and reads to the end. */
const ask = (path: string) =>
  `perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => "${path}") or die "cannot connect\\n"; print $s "hello\\n"; $s->shutdown(1); print <$s>'`;

/** Units that start others: timers, sockets, paths. */
export const activation: CaseGroup = {
  name: 'activation',
  cases: [
    {
      id: 'timer_starts',
      about: 'a timer starts the service of its name when its time has come',
      files: {
        'X_a.timer': '[Timer]\nOnActiveSec=50ms\nAccuracySec=1ms\n',
        'X_a.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.timer',
        written('ran'),
        reaches('X_a.timer', 'elapsed'),
        'systemctl show -p ActiveState,SubState,Result,Unit X_a.timer',
        'systemctl stop X_a.timer',
        active('X_a.timer', 'X_a.service'),
      ],
    },
    {
      id: 'timer_unit',
      about: 'a timer may start another unit, and waits',
      files: {
        'X_a.timer': '[Unit]\nDescription=A timer\n[Timer]\nOnActiveSec=1h\nUnit=X_b.service\n',
        'X_b.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.timer',
        'systemctl show -p ActiveState,SubState,Unit X_a.timer',
        active('X_a.timer', 'X_b.service'),
        "systemctl list-units --no-legend 'X_*'",
        'systemctl show -p TriggeredBy X_b.service; systemctl show -p Triggers X_a.timer',
      ],
    },
    {
      id: 'timer_repeats',
      about: 'a timer starts its service again after each run',
      files: {
        'X_a.timer': '[Timer]\nOnActiveSec=20ms\nOnUnitInactiveSec=20ms\nAccuracySec=1ms\n',
        'X_a.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.timer',
        { until: 'test $(wc -l <out) -ge 3' },
        'systemctl stop X_a.timer',
        active('X_a.timer'),
      ],
    },
    {
      id: 'timer_refused',
      about: 'a timer without a time, or without its unit, is refused',
      files: {
        'X_a.timer': '[Timer]\n',
        'X_a.service': noting('ran'),
        'X_b.timer': '[Timer]\nOnActiveSec=1h\n',
        'X_c.timer': '[Timer]\nOnCalendar=someday\n',
        'X_c.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.timer',
        'systemctl start X_b.timer',
        'systemctl start X_c.timer',
        active('X_a.timer', 'X_b.timer', 'X_c.timer'),
      ],
    },
    {
      id: 'timer_calendar',
      about: 'a timer of the calendar waits for its day',
      files: {
        'X_a.timer': '[Timer]\nOnCalendar=2099-01-01\n[Install]\nWantedBy=timers.target\n',
        'X_a.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.timer',
        'systemctl show -p SubState X_a.timer',
        'systemctl is-enabled X_a.timer',
        "systemctl list-timers --no-legend 'X_*' | sed 's/  */ /g' | cut -d' ' -f1-4",
      ],
    },
    {
      id: 'path_starts',
      about: 'a path unit starts its service when the path is there',
      files: {
        'X_a.path': '[Path]\nPathExists=/X/go\n',
        'X_a.service': oneshot("/bin/sh -c 'echo ran >>/X/out; rm -f /X/go'"),
        'X_b.path': '[Path]\nPathExists=/X/there\n',
        'X_b.service': '[Service]\nExecStart=/bin/sleep 1000\n',
        '/X/there': 'yes',
      },
      steps: [
        'systemctl start X_a.path X_b.path',
        'systemctl show -p ActiveState,SubState X_a.path',
        'touch go',
        written('ran'),
        reaches('X_a.path', 'waiting'),
        active('X_a.path'),
        reaches('X_b.service', 'running'),
        'systemctl show -p SubState X_b.path',
        'systemctl stop X_a.path X_b.path',
        active('X_a.path', 'X_b.path', 'X_b.service'),
      ],
    },
    {
      id: 'path_changes',
      about: 'a path unit hears of changes and of what comes into a directory',
      files: {
        'X_a.path': '[Path]\nPathChanged=/X/file\nUnit=X_a1.service\n',
        'X_a1.service': noting('changed'),
        'X_b.path': '[Path]\nDirectoryNotEmpty=/X/inbox\nMakeDirectory=yes\n',
        'X_b.service': oneshot("/bin/sh -c 'echo $(ls /X/inbox) >>/X/inb; rm /X/inbox/*'"),
      },
      steps: [
        'touch file; systemctl start X_a.path X_b.path; stat -c %F inbox',
        'echo more >>file',
        written('changed'),
        'touch inbox/letter',
        written('letter', 'inb'),
        active('X_a.path', 'X_b.path'),
        'systemctl stop X_a.path X_b.path',
      ],
    },
    {
      id: 'path_refused',
      about: 'a path unit without a path is refused',
      files: { 'X_a.path': '[Path]\nMakeDirectory=yes\n', 'X_a.service': noting('ran') },
      steps: ['systemctl start X_a.path', active('X_a.path')],
    },
    {
      id: 'socket_passed',
      about: 'a socket starts its service with the first connection, and is passed to it',
      files: {
        'X_a.socket': '[Socket]\nListenStream=/run/X_a.sock\nSocketMode=0600\n',
        'X_a.service':
          '[Service]\nExecStart=/usr/bin/perl -e \'use Socket; open(my $$l, "+<&=", 3); accept(my $$c, $$l); syswrite($$c, join(" ", $$ENV{LISTEN_FDS}, $$ENV{LISTEN_PID} == $$$$ ? "mine" : "other", $$ENV{LISTEN_FDNAMES}) . "\\\\n"); close($$c); sleep 1000\'\n',
      },
      steps: [
        'systemctl start X_a.socket',
        'systemctl show -p ActiveState,SubState,Result X_a.socket; stat -c "%a %F" /run/X_a.sock',
        active('X_a.service'),
        ask('/run/X_a.sock'),
        active('X_a.service', 'X_a.socket'),
        'systemctl show -p SubState X_a.socket',
        'systemctl stop X_a.service; systemctl show -p SubState X_a.socket',
        'systemctl stop X_a.socket; ls /run/X_a.sock',
        active('X_a.socket'),
      ],
    },
    {
      id: 'socket_accept',
      about: 'with Accept=yes each connection is an instance',
      files: {
        'X_a.socket': '[Socket]\nListenStream=/run/X_a.sock\nAccept=yes\n',
        'X_a@.service': '[Service]\nStandardInput=socket\nExecStart=/bin/sed s/^/got:/\n',
      },
      steps: [
        'systemctl start X_a.socket',
        ask('/run/X_a.sock'),
        ask('/run/X_a.sock'),
        'systemctl show -p SubState,Accept,NConnections X_a.socket',
        { until: 'systemctl show -p NAccepted --value X_a.socket | grep -qx 2' },
        'systemctl stop X_a.socket',
      ],
    },
    {
      id: 'socket_refused',
      about: 'a socket without an address, or without its service, is refused',
      files: {
        'X_a.socket': '[Socket]\nSocketMode=0600\n',
        'X_a.service': noting('ran'),
        'X_b.socket': '[Socket]\nListenStream=/run/X_b.sock\n',
        'X_c.socket': '[Socket]\nListenStream=/run/X_c.sock\nAccept=yes\n',
        'X_c.service': noting('ran'),
      },
      steps: [
        'systemctl start X_a.socket',
        'systemctl start X_b.socket',
        'systemctl start X_c.socket',
        active('X_a.socket', 'X_b.socket', 'X_c.socket'),
      ],
    },
    {
      id: 'socket_service',
      about: 'a service that is started itself takes its sockets along',
      files: {
        'X_a.socket': '[Socket]\nListenStream=/run/X_a.sock\nFileDescriptorName=named\n',
        'X_a.service':
          "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo $$LISTEN_FDS $$LISTEN_FDNAMES >/X/out'\n",
        'X_b.socket': '[Socket]\nListenStream=/run/X_b.sock\n',
        'X_b.service': '[Service]\nExecStart=/bin/sleep 1000\n',
      },
      steps: [
        'systemctl start X_a.socket; systemctl start X_a.service; cat out',
        'systemctl show -p SubState X_a.socket',
        'systemctl start X_b.socket; systemctl start X_b.service; systemctl show -p SubState X_b.socket',
        'systemctl stop X_b.service; systemctl show -p SubState X_b.socket',
        'systemctl stop X_a.socket; systemctl is-active X_a.socket X_a.service',
        state('X_a.service'),
      ],
    },
  ],
};
