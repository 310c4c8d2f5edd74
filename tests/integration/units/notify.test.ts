import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

/** Says each line that is written into its FIFO to the service manager; `fd NAME` gives a descriptor away, `barrier` waits until all is heard. */
const program = String.raw`use Socket; use IO::Handle;
socket(S, PF_UNIX, SOCK_DGRAM, 0);
my $to = sockaddr_un($ENV{NOTIFY_SOCKET});
sub say_ { send(S, $_[0], 0, $to) or print "cannot send: $!\n" }
# sendmsg(2) with SCM_RIGHTS, by hand: this perl is the smallest there is.
sub say_with {
  my ($fd, $text) = @_;
  my $iov = pack('P Q', $text, length $text);
  my $control = pack('Q l l l x4', 20, 1, 1, $fd);
  my $header = pack('P L x4 P Q P Q l x4', $to, length $to, $iov, 1, $control, 24, 0);
  syscall(qx(uname -m) =~ /x86_64/ ? 46 : 211, fileno(S), $header, 0) < 0 and print "cannot send: $!\n";
}
$| = 1;
print "given: $ENV{LISTEN_FDS} $ENV{LISTEN_FDNAMES} ", ($ENV{LISTEN_PID} // '') eq $$ ? 'mine' : 'not mine', "\n";
if ($ENV{LISTEN_FDS}) { open(my $in, '<&=', 3); seek($in, 0, 0); print "read: ", <$in>, "\n" }
$SIG{HUP} = sub { };
my $fifo = "/tmp/say-$ARGV[0]";
while (1) {
  open(my $lines, '<', $fifo) or next;
  while (my $line = <$lines>) {
    chomp $line;
    $line =~ s/\\n/\n/g;
    if ($line eq 'exit') { exit 0 }
    if ($line =~ /^fd (\S+) (.*)/) {
      open(my $file, '+>', "/tmp/given-$1"); $file->autoflush; print $file $2; say_with(fileno($file), "FDSTORE=1\nFDNAME=$1");
    } elsif ($line eq 'barrier') {
      pipe(my $heard, my $end); say_with(fileno($end), 'BARRIER=1'); close($end); sysread($heard, my $nothing, 1); print "heard\n";
    } else { say_($line) }
    print "said: $line\n";
  }
}
`;

describe.skipIf(why !== undefined)(titled('what a service tells', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    await guest.exec(['sh', '-c', 'cat >/opt/say.pl'], {
      user: 'root',
      stdinBase64: Buffer.from(program).toString('base64'),
    });
  });
  afterAll(() => guest[Symbol.asyncDispose]());
  beforeEach(() => guest.root('systemctl stop "n-*"; systemctl reset-failed'));

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const tell = (name: string, ...lines: string[]) =>
    guest.root(`timeout 5 sh -c 'printf "%s\\n" ${lines.map((line) => `"${line}"`).join(' ')} >/tmp/say-${name}'`);
  const journal = async (name: string) => (await guest.exec(['journalctl', '-u', `n-${name}`, '-o', 'cat'])).stdout;
  const unit = async (name: string, service = '', more = '') => {
    await guest.root(`rm -f /tmp/say-${name}; mkfifo -m 666 /tmp/say-${name}`);
    await guest.unit(
      `n-${name}.service`,
      `[Service]\nType=notify\nExecStart=/usr/bin/perl /opt/say.pl ${name}\n${service}\n${more}`,
    );
  };
  const started = async (name: string, service = '') => {
    await unit(name, service);
    const starting = systemctl('start', `n-${name}`);
    await tell(name, 'READY=1');
    expect((await starting).exitCode).toBe(0);
  };

  test('is its status, and that it is ready', async () => {
    await unit('status');
    const starting = systemctl('start', 'n-status');
    await tell('status', 'STATUS=getting there');
    await until(async () => (await guest.property('n-status', 'StatusText')) === 'getting there');
    expect(await guest.state('n-status')).toBe('activating/start');
    await tell('status', 'READY=1\\nSTATUS=all is well');
    expect((await starting).exitCode).toBe(0);
    expect(await guest.property('n-status', 'StatusText')).toBe('all is well');
  });

  test('is that it reloads, and that it stops', async () => {
    await started('moves', 'TimeoutStopSec=20');
    await tell('moves', 'RELOADING=1');
    await until(async () => (await guest.state('n-moves')) === 'reloading/reload');
    await tell('moves', 'READY=1');
    await until(async () => (await guest.state('n-moves')) === 'active/running');
    await tell('moves', 'STOPPING=1');
    await until(async () => (await guest.state('n-moves')) === 'deactivating/stop-sigterm');
    await tell('moves', 'exit');
    await until(async () => (await guest.state('n-moves')) === 'inactive/dead');
  });

  test('is a descriptor to keep, which it finds again, whoever died meanwhile', async () => {
    await unit('keeper', 'FileDescriptorStoreMax=2\nRestart=always\nRestartSec=10ms');
    const starting = systemctl('start', 'n-keeper');
    await tell('keeper', 'READY=1', 'fd first one', 'fd second two', 'fd third three', 'barrier');
    await starting;
    await until(async () => (await journal('keeper')).includes('heard'));
    expect(await journal('keeper')).toContain('given:   not mine');
    await guest.killLohar();
    const pid = await guest.property('n-keeper', 'MainPID');
    await guest.root(`kill -9 ${pid}`);
    await until(
      async () => (await journal('keeper')).includes('given: 2 first:second mine\nread: one\n'),
      () => journal('keeper'),
    );
    await tell('keeper', 'READY=1', 'FDSTOREREMOVE=1\\nFDNAME=first', 'barrier');
    await until(async () => (await journal('keeper')).split('heard').length === 3);
    await guest.root(`kill -9 ${await guest.property('n-keeper', 'MainPID')}`);
    await until(async () => (await journal('keeper')).includes('given: 1 second mine\nread: two\n'));
    await tell('keeper', 'READY=1');
    await systemctl('stop', 'n-keeper');
    expect(await guest.root('s6-fdholder-list /run/bhatti/fd-store/s')).not.toContain('fd:');
  });

  test('is heard by a lohar that comes back', async () => {
    await unit('patient');
    systemctl('start', 'n-patient').catch(() => {}); // its answer dies with lohar
    await until(async () => (await guest.state('n-patient')) === 'activating/start');
    await whileAway('printf "STATUS=said to nobody\\nREADY=1\\n" >/tmp/say-patient; sleep 0.2');
    await until(async () => (await guest.state('n-patient')) === 'active/running');
    expect(await guest.property('n-patient', 'StatusText')).toBe('said to nobody');
  });

  test('is a sign of life that is missed, also by a lohar that comes back', async () => {
    await started('dog', 'WatchdogSec=1500ms\nWatchdogSignal=KILL');
    for (let at = 0; at < 3; at += 1) {
      await tell('dog', 'WATCHDOG=1');
      await guest.root('sleep 0.7');
    }
    expect(await guest.state('n-dog')).toBe('active/running');
    await guest.killLohar();
    await until(async () => (await guest.state('n-dog')) === 'failed/failed');
    expect(await guest.property('n-dog', 'Result')).toBe('watchdog');
    await started('dog', 'WatchdogSec=1h\nWatchdogSignal=KILL');
    await tell('dog', 'WATCHDOG=trigger');
    await until(async () => (await guest.state('n-dog')) === 'failed/failed');
    await started('dog', 'WatchdogSec=1h\nWatchdogSignal=KILL');
    await tell('dog', 'WATCHDOG_USEC=100000');
    await until(async () => (await guest.state('n-dog')) === 'failed/failed');
    expect(await journal('dog')).toContain('n-dog.service: Watchdog timeout (limit 100ms)!');
  });

  test('is that it needs longer', async () => {
    await unit('late', 'TimeoutStartSec=2s');
    const starting = systemctl('start', 'n-late');
    await tell('late', 'EXTEND_TIMEOUT_USEC=20000000');
    await guest.root('sleep 2.2');
    expect(await guest.state('n-late')).toBe('activating/start');
    await tell('late', 'READY=1');
    expect((await starting).exitCode).toBe(0);
  });

  test('is which process is the main one, if that is its own', async () => {
    await guest.unit(
      'n-main.service',
      '[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c \'/bin/sleep 8181 & export CHILD=$!; perl -MSocket -e "socket(S, PF_UNIX, SOCK_DGRAM, 0); send(S, qq(MAINPID=1\\nSTATUS=no), 0, sockaddr_un(\\$$ENV{NOTIFY_SOCKET})); send(S, qq(MAINPID=\\$$ENV{CHILD}\\nREADY=1), 0, sockaddr_un(\\$$ENV{NOTIFY_SOCKET})); select undef, undef, undef, 0.5"; wait\'\n',
    );
    expect((await systemctl('start', 'n-main')).exitCode).toBe(0);
    expect(await guest.property('n-main', 'MainPID')).toBe((await guest.root('pgrep -f "^/bin/sleep 8181"')).trim());
  });

  test('counts only from those who may', async () => {
    await started('deaf');
    const say = (text: string) =>
      guest.exec([
        'perl',
        '-MSocket',
        '-e',
        `socket(S, PF_UNIX, SOCK_DGRAM, 0); send(S, "${text}", 0, sockaddr_un("/run/bhatti/notify/n-deaf.service"))`,
      ]);
    await say('STATUS=from a stranger');
    await say('STOPPING=1');
    await tell('deaf', 'STATUS=from itself');
    await until(async () => (await guest.property('n-deaf', 'StatusText')) === 'from itself');
    expect(await guest.state('n-deaf')).toBe('active/running');
    expect(await journal('deaf')).not.toContain('stranger');
  });

  test('may be anything, and costs nothing but itself', async () => {
    await started('noise');
    await tell(
      'noise',
      'x'.repeat(3_000),
      '=',
      'READY',
      'MAINPID=99999999999',
      'WATCHDOG_USEC=-1',
      'STATUS=\x1b[31mred',
    );
    await until(async () => (await guest.property('n-noise', 'StatusText')).endsWith('[31mred'));
    expect(await guest.property('n-noise', 'StatusText')).toBe('[31mred');
    expect(await guest.state('n-noise')).toBe('active/running');
  });

  test('leaves no socket and no descriptor behind', async () => {
    const count = () =>
      guest.root(
        'systemctl stop n-clean; ls /run/bhatti/notify | wc -l; ls /proc/$(pgrep -x lohar)/fd | wc -l; s6-fdholder-list /run/bhatti/fd-store/s | wc -l',
      );
    await started('clean');
    const before = await count();
    for (let at = 0; at < 3; at += 1) {
      const starting = systemctl('start', 'n-clean');
      await tell('clean', 'READY=1');
      await starting;
    }
    expect(await count()).toBe(before);
  });

  /** Runs a script while no lohar is there. */
  async function whileAway(script: string): Promise<void> {
    const before = (await guest.root('pgrep -x lohar')).trim();
    const away = `cd /run/bhatti/init && s6-svc -wD -T 5000 -kd lohar; ${script}; s6-svc -u lohar`;
    await guest
      .call('POST', '/exec', JSON.stringify({ argv: ['setsid', '-f', 'sh', '-c', away], user: 'root', detach: true }))
      .catch(() => {});
    await until(async () => {
      try {
        return (await guest.root('pgrep -x lohar')).trim() !== before;
      } catch {
        return false; // away
      }
    });
  }
});
