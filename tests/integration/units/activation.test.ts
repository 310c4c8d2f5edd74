import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

/** Serves what sd_listen_fds(3) has given it: answers each connection with its number, its pid and what it was told. `once` ends after one. */
const server = `#!/usr/bin/perl
use IO::Socket;
$| = 1;
die "not for me\\n" unless $ENV{LISTEN_PID} == $$;
print "listening on $ENV{LISTEN_FDS}: $ENV{LISTEN_FDNAMES}\\n";
my @listening = map { IO::Socket->new_from_fd($_, "r+") } 3 .. 2 + $ENV{LISTEN_FDS};
my $which = $ARGV[0] // 0;
while (my $client = $listening[$which]->accept) {
  $number += 1;
  print $client "$number $$\\n";
  close $client;
  exit 0 if ($ARGV[1] // "") eq "once";
}
`;
/** Connects to a unix socket or a port, says what it has to say, and prints the answer. */
const client = `#!/usr/bin/perl
use IO::Socket::UNIX; use IO::Socket::INET;
my ($where, $word) = @ARGV;
my $socket = $where =~ m{^/} ? IO::Socket::UNIX->new(Peer => $where) : IO::Socket::INET->new(PeerAddr => $where);
die "refused: $!\\n" unless $socket;
print $socket "$word\\n" if defined $word;
$socket->flush; shutdown($socket, 1) if defined $word;
print while <$socket>;
`;

describe.skipIf(why !== undefined)(titled('sockets', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    await install('/usr/local/bin/server', server);
    await install('/usr/local/bin/client', client);
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args], { user: 'root' });
  const connect = async (where: string, word?: string) => {
    const ran = await guest.exec(['client', where, ...(word === undefined ? [] : [word])], { user: 'root' });
    return ran.exitCode === 0 ? ran.stdout.trim() : ran.stderr.trim();
  };
  const journal = async (unit: string) => (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;
  const install = async (path: string, text: string) => {
    const stdinBase64 = Buffer.from(text).toString('base64');
    await guest.exec(['sh', '-c', `cat >${path} && chmod 755 ${path}`], { user: 'root', stdinBase64 });
  };
  const isKept = async (name: string) =>
    (await guest.root('s6-fdholder-list /run/bhatti/fd-store/s')).split('\n').includes(name);

  describe('a socket', () => {
    test('is refused without a service, without addresses, and for what cannot be', async () => {
      await guest.unit('alone.socket', '[Socket]\nListenStream=/run/alone.sock\n');
      const alone = await systemctl('start', 'alone.socket');
      expect([alone.exitCode, alone.stderr]).toEqual([1, 'Job failed. See "journalctl -xe" for details.\n']);
      expect(await journal('alone.socket')).toContain('Socket service alone.service not loaded, refusing.');
      await guest.unit('deaf.socket', '[Socket]\nAccept=no\n');
      const deaf = await systemctl('start', 'deaf.socket');
      expect(deaf.stderr).toContain('Unit deaf.socket has a bad unit file setting.');
      expect(await journal('deaf.socket')).toContain('Unit has no Listen setting');
      await guest.unit('odd.socket', '[Socket]\nListenStream=/run/odd.sock\nListenNetlink=audit\n');
      expect((await systemctl('start', 'odd.socket')).exitCode).toBe(1);
      expect(await journal('odd.socket')).toContain('ListenNetlink= is not supported here. Refusing.');
    });

    test('starts its service at the first connection, which the service answers', async () => {
      await guest.unit(
        'web.socket',
        '[Socket]\nListenStream=127.0.0.1:7001\nListenStream=/run/web/web.sock\nListenDatagram=@web\nSocketMode=0660\nSocketGroup=sudo\nDirectoryMode=0711\nSymlinks=/run/web.link\nFileDescriptorName=front\n[Install]\nWantedBy=sockets.target\n',
      );
      await guest.unit('web.service', '[Service]\nExecStart=/usr/local/bin/server\n');
      expect((await systemctl('start', 'web.socket')).exitCode).toBe(0);
      expect(await guest.state('web.socket')).toBe('active/listening');
      expect(await guest.state('web')).toBe('inactive/dead');
      expect(await guest.root('stat -c "%a %G" /run/web/web.sock /run/web; readlink /run/web.link')).toBe(
        '660 sudo\n711 root\n/run/web/web.sock\n',
      );
      const answer = await connect('127.0.0.1:7001');
      expect(answer).toBe(`1 ${await guest.property('web', 'MainPID')}`);
      expect(await guest.state('web.socket')).toBe('active/running');
      expect(await journal('web')).toContain('listening on 3: front:front:front\n');
      expect(await guest.property('web', 'TriggeredBy')).toBe('web.socket');
      const status = (await systemctl('status', 'web.socket')).stdout;
      expect(status).toContain('   Triggers: ● web.service\n');
      expect(status).toContain(
        '     Listen: 127.0.0.1:7001 (Stream)\n             /run/web/web.sock (Stream)\n             @web (Datagram)\n',
      );
      expect((await systemctl('list-sockets', 'web.socket')).stdout).toBe(
        'LISTEN            UNIT       ACTIVATES\n/run/web/web.sock web.socket web.service\n127.0.0.1:7001    web.socket web.service\n@web              web.socket web.service\n\n3 sockets listed.\nPass --all to see loaded but inactive sockets, too.\n',
      );
    });

    test('listens again when its service has stopped, and is closed when it is stopped itself', async () => {
      const stopped = await systemctl('stop', 'web');
      expect(stopped.stderr).toBe('Warning: Stopping web.service, but it can still be activated by:\n  web.socket\n');
      expect(await guest.state('web.socket')).toBe('active/listening');
      expect(await connect('127.0.0.1:7001')).toStartWith('1 ');
      await systemctl('stop', 'web.socket', 'web');
      expect(await guest.state('web.socket')).toBe('inactive/dead');
      expect(await connect('127.0.0.1:7001')).toContain('refused');
      expect(await journal('web.socket')).toContain('Closed web.socket.');
      expect(await isKept('listen:web.socket:0')).toBe(false);
    });

    test('refuses while its service runs, and passes what it has to a service that is started by hand', async () => {
      await systemctl('start', 'web.socket');
      expect((await systemctl('restart', 'web.socket')).exitCode).toBe(0);
      await systemctl('start', 'web');
      expect(await guest.state('web.socket')).toBe('active/running');
      expect(await connect('127.0.0.1:7001')).toStartWith('1 ');
      await systemctl('stop', 'web.socket');
      expect((await systemctl('start', 'web.socket')).exitCode).toBe(1);
      expect(await journal('web.socket')).toContain('Socket service web.service already active, refusing.');
      await systemctl('stop', 'web');
    });

    test('is enabled by links, like any unit', async () => {
      const enabled = await systemctl('enable', 'web.socket');
      expect(enabled.stderr).toContain('/etc/systemd/system/sockets.target.wants/web.socket → ');
      expect((await systemctl('is-enabled', 'web.socket')).stdout).toBe('enabled\n');
      await systemctl('disable', 'web.socket');
      expect((await systemctl('is-enabled', 'web.socket')).stdout).toBe('disabled\n');
    });

    test('listens on while no lohar is there: who connects then waits for the next', async () => {
      await guest.unit('keep.socket', '[Socket]\nListenStream=/run/keep.sock\n');
      await guest.unit('keep.service', '[Service]\nExecStart=/usr/local/bin/server 0 once\n');
      await systemctl('start', 'keep.socket');
      await until(() => isKept('listen:keep.socket:0'));
      await guest.whileAway('client /run/keep.sock >/tmp/keep.answer & sleep 0.1');
      await until(async () => (await guest.root('cat /tmp/keep.answer')).startsWith('1 '));
      await until(async () => (await guest.state('keep.socket')) === 'active/listening');
      // And again, with a lohar that died while the service ran.
      expect(await connect('/run/keep.sock')).toStartWith('1 ');
      await guest.killLohar();
      expect(await connect('/run/keep.sock')).toStartWith('1 ');
    });

    test('is where it should be after a death of lohar at any moment', async () => {
      await guest.unit(
        'hardy.socket',
        '[Socket]\nListenStream=127.0.0.1:7020\nListenStream=/run/hardy.sock\nExecStartPre=/bin/true\nExecStopPost=/bin/true\n',
      );
      await guest.unit('hardy.service', '[Service]\nExecStart=/usr/local/bin/server 1 once\n');
      let seed = Number(process.env['BHATTI_TEST_SEED'] ?? Date.now() % 100_000);
      console.log(`seed ${seed}`);
      const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
      for (let round = 0; round < 6; round += 1) {
        const acts = [
          () => systemctl('start', 'hardy.socket'),
          () => systemctl('stop', 'hardy.socket'),
          () => systemctl('restart', 'hardy.socket'),
          () => connect('/run/hardy.sock'),
        ];
        acts[Math.floor(random() * acts.length)]?.().catch(() => {}); // its answer dies with lohar
        await new Promise((resolve) => setTimeout(resolve, random() * 30));
        await guest.killLohar();
        await until(
          async () =>
            (await systemctl('list-jobs')).stdout === 'No jobs running.\n' &&
            ['active/listening', 'active/running', 'inactive/dead'].includes(await guest.state('hardy.socket')),
          async () => (await systemctl('status', 'hardy.socket', 'hardy.service')).stdout,
        );
      }
      await systemctl('start', 'hardy.socket');
      expect(await connect('/run/hardy.sock')).toMatch(/^1 \d+$/);
      await until(async () => (await guest.state('hardy.socket')) === 'active/listening');
      await systemctl('stop', 'hardy.socket');
    });

    test('starts an instance for each connection with Accept=yes, on its standard streams', async () => {
      await guest.unit(
        'echo.socket',
        '[Socket]\nListenStream=127.0.0.1:7010\nListenStream=/run/echo.sock\nAccept=yes\nMaxConnections=2\n',
      );
      await guest.unit(
        'echo@.service',
        '[Unit]\nDescription=Echo\n[Service]\nExecStart=/bin/sh -c \'read -r line; echo "$$line $$REMOTE_ADDR $${REMOTE_PORT:+with a port}$$LISTEN_FDS"\'\nStandardInput=socket\nStandardError=journal\n',
      );
      await systemctl('start', 'echo.socket');
      expect(await connect('127.0.0.1:7010', 'hello')).toBe('hello 127.0.0.1 with a port');
      expect(await connect('/run/echo.sock', 'hello')).toBe('hello');
      expect(await guest.state('echo.socket')).toBe('active/listening');
      await until(async () => (await guest.property('echo.socket', 'NConnections')) === '0');
      expect(await guest.property('echo.socket', 'NAccepted')).toBe('2');
      // Nothing is left of instances that have served.
      expect((await systemctl('list-units', '--all')).stdout).not.toContain('echo@');
    });

    test('serves so many connections at once and drops the others', async () => {
      const hold =
        'perl -MIO::Socket::INET -e \'$$s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:7010") or die; sleep 1000\'';
      for (const name of ['hold1', 'hold2'])
        await guest.unit(`${name}.service`, `[Service]\nExecStart=/usr/bin/${hold}\n`);
      await systemctl('start', 'hold1', 'hold2');
      await until(async () => (await guest.property('echo.socket', 'NConnections')) === '2');
      expect(await connect('127.0.0.1:7010', 'hello')).toBe('');
      expect(await journal('echo.socket')).toContain('Too many incoming connections (2), dropping connection.');
      const status = (await systemctl('status', 'echo.socket')).stdout;
      expect(status).toMatch(/ {3}Triggers: ● echo@2-127\.0\.0\.1:7010-127\.0\.0\.1:\d+\.service\n/);
      expect(status).toContain('   Accepted: 4; Connected: 2;   Refused: 1\n');
      expect((await systemctl('status', 'echo@2*')).stdout).toMatch(/\.service - Echo \(127\.0\.0\.1:\d+\)\n/);
      await guest.killLohar();
      expect(await guest.property('echo.socket', 'NConnections')).toBe('2');
      expect((await systemctl('status', 'echo@2*')).stdout).toMatch(/TriggeredBy: ● echo\.socket\n/);
      await systemctl('stop', 'hold1', 'hold2');
      await until(async () => (await guest.property('echo.socket', 'NConnections')) === '0');
      expect(await connect('127.0.0.1:7010', 'again')).toBe('again 127.0.0.1 with a port');
    });

    test('fails with a service that fails again and again', async () => {
      await guest.unit('sick.socket', '[Socket]\nListenStream=/run/sick.sock\n');
      await guest.unit('sick.service', '[Service]\nExecStart=/bin/false\n');
      await systemctl('start', 'sick.socket');
      await connect('/run/sick.sock');
      await until(async () => (await guest.state('sick.socket')) === 'failed/failed');
      expect(await guest.property('sick.socket', 'Result')).toBe('service-start-limit-hit');
      await systemctl('reset-failed', 'sick.socket', 'sick.service');
      expect(await guest.state('sick.socket')).toBe('inactive/dead');
    });

    test('fails when it triggers too often, and when nobody can serve', async () => {
      await guest.unit('busy.socket', '[Socket]\nListenDatagram=/run/busy.sock\nTriggerLimitBurst=3\n');
      await guest.unit(
        'busy.service',
        '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
      );
      await systemctl('start', 'busy.socket');
      await guest.root(
        `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_DGRAM, 0); send(S, "x", 0, pack_sockaddr_un("/run/busy.sock"))'`,
      );
      await until(async () => (await guest.property('busy.socket', 'Result')) === 'trigger-limit-hit');
      expect(await guest.state('busy.socket')).toBe('failed/failed');
      await guest.unit('orphan.socket', '[Socket]\nListenStream=/run/orphan.sock\nAccept=yes\n');
      await systemctl('start', 'orphan.socket');
      expect(await connect('/run/orphan.sock')).toBe('');
      await until(async () => (await guest.state('orphan.socket')) === 'failed/failed');
      expect(await guest.property('orphan.socket', 'Result')).toBe('resources');
    });

    test('runs its commands, removes what it has made, and throws away what nobody has taken', async () => {
      await guest.unit(
        'tidy.socket',
        '[Socket]\nListenFIFO=/run/tidy.fifo\nRemoveOnStop=yes\nFlushPending=yes\nExecStartPre=/bin/echo one\nExecStartPost=/bin/echo two\nExecStopPre=/bin/echo three\nExecStopPost=/bin/echo four\n',
      );
      await guest.unit('tidy.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo runs"\n');
      await systemctl('start', 'tidy.socket');
      await guest.root('echo something >/run/tidy.fifo');
      await until(async () => (await journal('tidy')).includes('runs\n'));
      await systemctl('stop', 'tidy.socket');
      const lines = (await journal('tidy.socket')).split('\n').filter((line) => /^(one|two|three|four)$/.test(line));
      expect(lines).toEqual(['one', 'two', 'three', 'four']);
      expect(await guest.root('ls /run/tidy.fifo 2>&1 || true')).toContain('No such file');
      await guest.unit('wrong.socket', '[Socket]\nListenStream=/run/wrong.sock\nExecStartPre=/bin/false\n');
      await guest.unit('wrong.service', '[Service]\nExecStart=/bin/true\n');
      expect((await systemctl('start', 'wrong.socket')).exitCode).toBe(1);
      expect(await guest.property('wrong.socket', 'Result')).toBe('exit-code');
    });
  });
});
