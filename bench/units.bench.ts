// What the service manager of a sandbox costs: a systemctl from start to end, a hundred units started at once, and lohar's memory with them.
import { TestGuest } from '../tests/support/guest.ts';
import { report, time } from './harness.ts';

const units = 100;
const runs = 100;
const restsAfterMs = 12_000; // lohar gives back what starting took within ten seconds of the last question
await using guest = await TestGuest.start();

// Timed by the guest's own shell, so that nothing of exec is in it. The peer is a small C program that is started in the same way.
await guest.exec(['systemctl', 'is-active', 'basic.target']);
const loop = async (command: string) => {
  const script = `for i in $(seq ${runs}); do a=$EPOCHREALTIME; ${command} >/dev/null; b=$EPOCHREALTIME; echo $(( (\${b/./} - \${a/./}) )); done`;
  const { stdout } = await guest.exec(['bash', '-c', script]);
  return stdout
    .trim()
    .split('\n')
    .map((us) => Number(us) / 1_000);
};
const ours = await loop('systemctl is-active basic.target');
report('systemctl-is-active', 'ms', ours, { name: 'stat', samples: await loop('/usr/bin/stat /') });

const make = `for i in $(seq ${units}); do printf '[Service]\nExecStart=/bin/sleep 100000\n' >/etc/systemd/system/many-$i.service; done; systemctl daemon-reload`;
await guest.root(make);
const all = Array.from({ length: units }, (_, at) => `many-${at + 1}`);
const started: number[] = [];
for (let run = 0; run < 5; run += 1) {
  const [took] = await time(1, () => mustSystemctl('start', ...all), 0);
  started.push(took ?? 0);
  if (run === 4) break;
  await mustSystemctl('stop', ...all);
  // As often as this is no restart loop.
}
report('start-100-units', 'ms', started);
await Bun.sleep(restsAfterMs);
report('lohar-pss-with-100-units', 'MB', await memory());

/** Of all processes that are ours: the executable's. */
async function memory(): Promise<number[]> {
  const script = `for p in $(pgrep -x lohar); do grep -m1 ^Pss: /proc/$p/smaps_rollup; done`;
  const samples: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const kib = (await guest.root(script))
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + Number(/\d+/.exec(line)?.[0] ?? 0), 0);
    samples.push(kib / 1024);
  }
  return samples;
}

async function mustSystemctl(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await guest.exec(['systemctl', ...args]);
  if (exitCode !== 0) throw new Error(`systemctl ${args[0]}: ${exitCode}: ${stderr}`);
}
