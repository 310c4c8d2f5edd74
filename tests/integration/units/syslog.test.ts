import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

/** Sends numbers to /dev/log, one a datagram, whatever becomes of its receiver. */
const sender = `#!/usr/bin/perl
use Socket;
my ($tag, $count) = @ARGV;
socket(my $log, PF_UNIX, SOCK_DGRAM, 0) or die;
connect($log, sockaddr_un('/dev/log')) or die "connect: $!";
for my $number (1..$count) {
  defined(send($log, "<30>$tag\\[$$\\]: $number", 0)) or die "send $number: $!";
  select(undef, undef, undef, 0.02) if $number % 250 == 0;
}
`;

/** Binds a datagram socket at a path and appends what comes to a file. */
const receiver = `#!/usr/bin/perl
use Socket;
my ($path, $file) = @ARGV;
unlink $path;
socket(my $log, PF_UNIX, SOCK_DGRAM, 0) or die;
bind($log, sockaddr_un($path)) or die "bind: $!";
chmod 0666, $path;
open(my $out, '>', $file) or die;
$out->autoflush(1);
while (defined(recv($log, my $text, 65536, 0))) { print $out "$text\\n"; }
`;

describe.skipIf(why !== undefined)(titled('messages of programs', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    for (const [name, text] of Object.entries({ sender, receiver }))
      await guest.exec(['sh', '-c', `cat >/usr/local/bin/${name} && chmod 755 /usr/local/bin/${name}`], {
        user: 'root',
        stdinBase64: Buffer.from(text).toString('base64'),
      });
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const journalctl = async (...args: string[]) => (await guest.exec(['journalctl', ...args])).stdout;
  const entry = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await journalctl('-n', '1', '-o', 'json', ...args)).trim() || '{}');

  test('come by logger, with level, facility, pid and user', async () => {
    expect((await guest.exec(['logger', '-t', 'greeter', '-p', 'auth.err', '--id=77', 'hello there'])).exitCode).toBe(
      0,
    );
    expect(await entry('-t', 'greeter')).toMatchObject({
      MESSAGE: 'hello there',
      PRIORITY: '3',
      SYSLOG_FACILITY: '4',
      SYSLOG_IDENTIFIER: 'greeter',
      SYSLOG_PID: '77',
      _TRANSPORT: 'syslog',
      _UID: '1000',
      _GID: '1000',
    });
    expect(await entry('-t', 'greeter')).not.toHaveProperty('_SYSTEMD_UNIT');
    expect(await journalctl('-t', 'greeter')).toMatch(
      /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d box greeter\[\d+\]: hello there\n$/,
    );
    expect(await journalctl('--facility=auth', '-p', '3', '-o', 'cat')).toBe('hello there\n');
    expect(await journalctl('--facility=mail', '-o', 'cat')).toBe('');
  });

  test('may be written as RFC 5424 has it', async () => {
    await guest.exec([
      'logger',
      '--rfc5424',
      '-t',
      'modern',
      '--msgid',
      'ID47',
      '--sd-id',
      'x@1',
      '--sd-param',
      'a="b"',
      'new form',
    ]);
    expect(await entry('-t', 'modern')).toMatchObject({ MESSAGE: 'new form', SYSLOG_MSGID: 'ID47' });
  });

  test('belong to the unit whose process sent them', async () => {
    await guest.unit(
      'speaker.service',
      "[Service]\nExecStart=/bin/sh -c '(echo by syslog; sleep 1000) | logger -t other'\n",
    );
    await guest.exec(['systemctl', 'start', 'speaker']);
    await until(async () => (await journalctl('-u', 'speaker', '-o', 'cat')).includes('by syslog\n'));
    expect(await entry('-u', 'speaker', '-t', 'other')).toMatchObject({
      _SYSTEMD_UNIT: 'speaker.service',
      _COMM: 'logger',
      _SYSTEMD_INVOCATION_ID: await guest.property('speaker', 'InvocationID'),
    });
    await guest.exec(['systemctl', 'stop', 'speaker']);
  });

  test('may have fields of their own', async () => {
    const fields = 'MESSAGE=native one\nPRIORITY=4\nFOO=bar\nSYSLOG_IDENTIFIER=structured\n_PID=1\n';
    await guest.exec(['logger', '--journald'], { stdinBase64: Buffer.from(fields).toString('base64') });
    const found = await entry('FOO=bar');
    expect(found).toMatchObject({ MESSAGE: 'native one', PRIORITY: '4', _TRANSPORT: 'journal', _UID: '1000' });
    expect(found['_PID']).not.toBe('1');
    expect(await journalctl('-F', 'FOO')).toBe('bar\n');
  });

  test('may come over a stream, each line one', async () => {
    const stream = `use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un('/run/systemd/journal/stdout')) or die;
      syswrite($s, "streamed\\n\\n29\\n1\\n0\\n0\\n0\\nfirst\\n<3>urg"); select(undef, undef, undef, 0.05); syswrite($s, "ent\\n\\nlast without end");`;
    await guest.exec(['perl', '-e', stream]);
    await until(async () => (await journalctl('-t', 'streamed', '-o', 'cat')) === 'first\nurgent\nlast without end\n');
    expect(await journalctl('-t', 'streamed', '-p', 'err', '-o', 'cat')).toBe('urgent\n');
    expect(await entry('-t', 'streamed')).toMatchObject({ PRIORITY: '5', SYSLOG_FACILITY: '3', _TRANSPORT: 'stdout' });
  });

  test('are followed as they come', async () => {
    await guest.exec(['logger', '-t', 'live', 'zero']);
    const stream = await guest.stream({ argv: ['journalctl', '-f', '-n', '1', '-t', 'live', '-o', 'cat'] });
    await until(() => stream.output(1).includes('zero\n'));
    for (const word of ['one', 'two', 'three']) {
      await guest.exec(['logger', '-t', 'live', word]);
      await until(() => stream.output(1).includes(`${word}\n`));
    }
    expect(stream.output(1).toString()).toBe('zero\none\ntwo\nthree\n');
    stream.close();
    await until(async () => (await guest.exec(['pgrep', '-x', 'journalctl'])).exitCode === 1);
  });

  test('may be anything at all', async () => {
    const hostile = `use Socket; for my $path ('/dev/log', '/run/systemd/journal/socket') {
      socket(my $s, PF_UNIX, SOCK_DGRAM, 0); connect($s, sockaddr_un($path)) or die;
      for (1..200) { send($s, join('', map { chr(int(rand(256))) } 1..int(rand(3000))), 0); }
      send($s, '', 0); send($s, "MESSAGE\\n" . ("\\xff" x 8) . "x\\n", 0); send($s, 'x' x 150000, 0); }
      socket(my $s, PF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un('/run/systemd/journal/stdout')) or die;
      syswrite($s, 'y' x 100000);`;
    const before = (await guest.root('pgrep -x lohar')).trim();
    expect((await guest.exec(['perl', '-e', `$SIG{PIPE} = 'IGNORE'; ${hostile}`])).exitCode).toBe(0);
    await guest.exec(['logger', '-t', 'after', 'still here']);
    expect(await journalctl('-t', 'after', '-o', 'cat')).toBe('still here\n');
    expect((await guest.root('pgrep -x lohar')).trim()).toBe(before);
  });

  test('are neither lost nor doubled when lohar dies while they come', async () => {
    const count = 20_000;
    await guest.unit(
      'counts.service',
      `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/local/bin/sender counted ${count}\n`,
    );
    guest.exec(['systemctl', 'start', 'counts']).catch(() => {}); // its answer dies with lohar
    await until(async () => (await journalctl('-t', 'counted', '-n', '1', '-o', 'cat')) !== '');
    for (let at = 0; at < 3; at += 1) await guest.killLohar();
    await until(
      async () => (await journalctl('-t', 'counted', '-n', '1', '-o', 'cat')) === `${count}\n`,
      () => journalctl('-u', 'counts', '-n', '5'),
    );
    const numbers = (await journalctl('-t', 'counted', '-o', 'cat')).trimEnd().split('\n').map(Number);
    expect(numbers.length).toBe(count);
    expect(numbers.every((number, at) => number === at + 1)).toBe(true);
  });

  test('are passed on to a syslog daemon that listens in Debian’s way', async () => {
    await guest.unit(
      'daemon.service',
      '[Service]\nExecStart=/usr/local/bin/receiver /run/systemd/journal/syslog /tmp/passed\n',
    );
    await guest.exec(['systemctl', 'start', 'daemon']);
    await until(async () => (await guest.exec(['test', '-e', '/tmp/passed'])).exitCode === 0);
    await guest.exec(['logger', '-t', 'both', 'to both']);
    await until(async () => (await guest.root('cat /tmp/passed')).includes('both: to both\n'));
    expect(await journalctl('-t', 'both', '-o', 'cat')).toBe('to both\n');
    await guest.exec(['systemctl', 'stop', 'daemon']);
  });

  test('go to whoever has taken /dev/log over, also when lohar was started again', async () => {
    await guest.unit('taker.service', '[Service]\nExecStart=/usr/local/bin/receiver /dev/log /tmp/taken\n');
    await guest.exec(['systemctl', 'start', 'taker']);
    await until(async () => (await guest.exec(['test', '-e', '/tmp/taken'])).exitCode === 0);
    await guest.killLohar();
    await guest.exec(['logger', '-t', 'mine', 'to the taker']);
    await until(async () => (await guest.root('cat /tmp/taken')).includes('mine: to the taker\n'));
    await guest.exec(['systemctl', 'stop', 'taker']);
  });
});
