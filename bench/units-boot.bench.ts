// What lohar itself costs: at the boot of a desktop from its start to the first unit's, in time and in processor time; for a hundred units side by side and in a chain; its memory with them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { TestDaemon } from '../tests/support/daemon.ts';
import { TestGuest } from '../tests/support/guest.ts';
import { findLohar } from '../tests/support/host-lohar.ts';
import { until } from '../tests/support/until.ts';
import { report, time } from './harness.ts';

const boots = 8;
const many = Array.from({ length: 100 }, (_, at) => `b-${at}.service`);

const firstUnit: number[] = [];
const processor: number[] = [];
{
  await using daemon = await TestDaemon.start({ images: ['computer'] });
  for (let run = 0; run < boots; run += 1) {
    const creating = daemon.create({ name: `b${run}`, image: 'computer', memory_mb: 2048 });
    const pid = await until(() => findLohar(daemon.instance));
    const startedAtMs = Date.now();
    const units = await until(() => unitsDirectory(pid));
    // The first unit's group is made in the instant in which its first process starts.
    await until(() => readdirSync(units).some((name) => name.endsWith('.service')));
    processor.push(cpuMs(pid));
    firstUnit.push(Date.now() - startedAtMs);
    const { id } = await creating;
    await daemon.call('DELETE', `/sandboxes/${id}`);
    await until(() => findLohar(daemon.instance) === undefined);
  }
}
report('units-boot-first-unit', 'ms', firstUnit);
report('units-boot-cpu', 'ms', processor);

await using guest = await TestGuest.start();
const root = (script: string) => guest.root(script);
const write = (after: string) =>
  root(
    `cd /etc/systemd/system; for i in $(seq 0 99); do printf "[Unit]\\n${after}\\nStartLimitIntervalSec=0\\n[Service]\\nExecStart=/bin/sleep 1000\\n" >b-$i.service; done; systemctl daemon-reload`,
  );
const all = many.join(' ');
const stop = () => root(`systemctl stop ${all}`);

await write('');
const side: number[] = [];
const sideCpu: number[] = [];
for (let run = 0; run < 6; run += 1) {
  const before = cpuMs(lohar(guest));
  side.push(...(await time(1, () => root(`systemctl start ${all}`), 0)));
  sideCpu.push(cpuMs(lohar(guest)) - before);
  if (run < 5) await stop();
}
report('units-start-100', 'ms', side.slice(1));
report('units-start-100-cpu', 'ms', sideCpu.slice(1));
await until(() => pssMb(lohar(guest)) > 0);
await new Promise((resolve) => setTimeout(resolve, 15_000)); // what starting took has been given back by then
report('units-memory-100', 'MB', [pssMb(lohar(guest))]);
await stop();

await write('Requires=b-$((i-1)).service\\nAfter=b-$((i-1)).service');
await root(
  'printf "[Unit]\\nStartLimitIntervalSec=0\\n[Service]\\nExecStart=/bin/sleep 1000\\n" >/etc/systemd/system/b-0.service; systemctl daemon-reload',
);
const chain: number[] = [];
for (let run = 0; run < 6; run += 1) {
  chain.push(...(await time(1, () => root('systemctl start b-99'), 0)));
  await root('systemctl stop b-0');
}
report('units-start-chain-100', 'ms', chain.slice(1));

function lohar({ id }: TestGuest): number {
  const pid = findLohar(id);
  if (pid === undefined) throw new Error('there is no lohar');
  return pid;
}

/** Processor time of all threads so far: proc(5), schedstat, in ns. */
function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);
}

function pssMb(pid: number): number {
  return Number(/^Pss:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024;
}

/** Where the groups of a sandbox's units are, seen from out here. */
function unitsDirectory(pid: number): string | undefined {
  const own = /^0::(.*)\/init\.scope$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  const mount = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(`${path}${own}/system.slice`));
  return own === undefined || mount === undefined ? undefined : `${mount}${own}/system.slice`;
}
