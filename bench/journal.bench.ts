// What the journal takes and gives: lines a second from one unit and from ten, one write(2) a line, none lost; datagrams; a flood without lines; reading it all and its end. The peers are `cat` from a pipe to a file, `cat`
// of that file and `tail`.
import { TestGuest } from '../tests/support/guest.ts';
import { report, time, timePaired } from './harness.ts';

const lines = 500_000; // 20 MB: less than the journal keeps of one unit, so that all can be counted
const runs = 3;
const manyUnits = Array.from({ length: 10 }, (_, at) => `ten${at}`);
const talk = `#!/usr/bin/perl
my $n = shift; for (my $i = 0; $i < $n; $i++) { syswrite(STDOUT, sprintf("%07d a line of ordinary length, more\\n", $i)); }
`;

await using guest = await TestGuest.start();
await guest.exec(['sh', '-c', 'cat >/usr/local/bin/talk && chmod 755 /usr/local/bin/talk'], {
  user: 'root',
  stdinBase64: Buffer.from(talk).toString('base64'),
});
await guest.unit('one.service', `[Service]\nType=oneshot\nExecStart=/usr/local/bin/talk ${lines}\n`);
for (const name of manyUnits)
  await guest.unit(`${name}.service`, `[Service]\nType=oneshot\nExecStart=/usr/local/bin/talk ${lines / 10}\n`);

// One unit, then ten: how long until all has been written and can be read. Counting is not in it.
const one = await timePaired(
  runs,
  () => guest.root('systemctl start one'),
  () => guest.root(`talk ${lines} | cat >/tmp/peer`),
);
await empty();
await guest.root('systemctl start one');
await expectLines(['one'], lines);
report('journal-one-unit', 'per second', perSecond(one.ours), { name: 'cat', samples: perSecond(one.peer) });

const peers = manyUnits.map((name) => `(talk ${lines / 10} | cat >/tmp/${name}) &`).join(' ');
const ten = await timePaired(
  runs,
  () => guest.root(`systemctl start ${manyUnits.join(' ')}`),
  () => guest.root(`${peers} wait`),
);
await empty();
await guest.root(`systemctl start ${manyUnits.join(' ')}`);
await expectLines(manyUnits, lines);
report('journal-ten-units', 'per second', perSecond(ten.ours), { name: 'cat', samples: perSecond(ten.peer) });

// Reading.
await empty();
await guest.root('systemctl start one');
const dump = await timePaired(
  runs,
  () => guest.root('journalctl -u one >/tmp/dump'),
  () => guest.root('cat /tmp/peer >/tmp/copy'),
);
report('journalctl-dump', 'per second', perSecond(dump.ours), { name: 'cat', samples: perSecond(dump.peer) });
const tail = await timePaired(
  20,
  () => guest.exec(['journalctl', '-u', 'one', '-n', '10']),
  () => guest.exec(['tail', '-n', '10', '/tmp/peer']),
);
report('journalctl-tail', 'ms', tail.ours, { name: 'tail', samples: tail.peer });

// Datagrams: logger sends one a line.
const datagrams = 50_000;
await guest.root(`head -n ${datagrams} /tmp/peer >/tmp/datagrams`);
const logged = await time(runs, () => guest.root('logger -t datagram -f /tmp/datagrams; journalctl --sync'), 1);
report(
  'journal-datagrams',
  'per second',
  logged.map((ms) => (datagrams * 1_000) / ms),
);

// A flood that ends no line, as fast as it can: what lohar weighs more meanwhile.
await guest.unit('flood.service', '[Service]\nExecStart=/bin/cat /dev/zero\n');
const quietMb = await loharMb();
await guest.root('systemctl start flood');
const loud: number[] = [];
await time(10, async () => loud.push((await loharMb()) - quietMb), 0);
report('journal-flood-memory', 'MB', loud);
await guest.root('systemctl stop flood');

function perSecond(samples: readonly number[]): number[] {
  return samples.map((ms) => (lines * 1_000) / ms);
}

/** Nothing that was said earlier is counted, and nothing is rotated away before it is. */
async function empty(): Promise<void> {
  await guest.root('journalctl --rotate --vacuum-size=1 2>/dev/null');
}

async function expectLines(units: readonly string[], count: number): Promise<void> {
  const names = units.map((unit) => `-u ${unit}`).join(' ');
  const found = Number(await guest.root(`journalctl ${names} -t talk -o cat | wc -l`));
  if (found !== count) throw new Error(`${units.join(' ')}: ${found} lines of ${count}`);
}

/** Proportional set size of lohar. */
async function loharMb(): Promise<number> {
  const text = await guest.root('cat /proc/$(pgrep -x lohar)/smaps_rollup');
  return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1]) / 1024;
}
