// What a desktop costs: create until a fresh viewer sees the panel, a screenshot against scrot's, memory and processor time of our own processes while nothing happens.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { Cli } from '../tests/support/cli.ts';
import { TestDaemon } from '../tests/support/daemon.ts';
import { RfbViewer } from '../tests/support/rfb-viewer.ts';
import { until } from '../tests/support/until.ts';
import { report, time, timePaired } from './harness.ts';
import { sharedOnceMb } from './memory.ts';

await using daemon = await TestDaemon.start({ images: ['computer'] });
const client = new Cli(daemon.runDir);

const drawn: number[] = [];
for (let run = 0; run < 12; run++) {
  const name = `d${run}`;
  const [elapsed = 0] = await time(1, () => createUntilSeen(name), 0);
  if (run >= 2) drawn.push(elapsed);
  await cli('destroy', name, '--yes');
}
report('create-computer-drawn', 'ms', drawn);

const { id } = JSON.parse(
  await cli('create', '--name', 'desk', '--image', 'computer', '--cpus', '2', '--memory', '2048', '--json'),
);
const shots = await timePaired(
  40,
  () => cli('exec', 'desk', '--', 'screenshot', '/tmp/a.png'),
  () => cli('exec', 'desk', '--', 'scrot', '--overwrite', '/tmp/b.png'),
);
report('exec-screenshot-file', 'ms', shots.ours, { name: 'bhatti exec scrot', samples: shots.peer });
report('exec-screenshot-base64', 'ms', await time(40, () => cli('exec', 'desk', '--', 'screenshot', '--base64')));

await quiet();
const state = Bun.spawnSync(['runc', '--root', join(daemon.runDir, 'runc'), 'state', id]);
const processes = ownProcesses(JSON.parse(state.stdout.toString()).pid);
const before = cpuTicks(processes);
const idleMs = 60_000;
await Bun.sleep(idleMs);
// /proc counts in ticks of 10 ms.
report('cpu-idle', '%', [((cpuTicks(processes) - before) * 10 * 100) / idleMs]);
// Idle for as long as that: what starting took has been given back.
report('memory-idle', 'MB', [sharedOnceMb(processes)]);

/** Creates a desktop and looks at it as a person would: a fresh viewer on 6080 whose panel area is not the root's colour. */
async function createUntilSeen(name: string): Promise<void> {
  await cli('create', '--name', name, '--image', 'computer', '--cpus', '2', '--memory', '2048');
  const { host } = (await daemon.call('POST', `/sandboxes/${name}/publish`, { body: { port: 6080 } })).json;
  const { username, password } = JSON.parse(await cli('exec', name, '--', 'vnc-creds', '--json'));
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  using viewer = await RfbViewer.open({ port: daemon.port, host: `${host}:${daemon.port}`, authorization });
  await until(
    () => hasPanel(viewer),
    () => `no panel after ${viewer.updates} updates`,
  );
}

/** Whether the lowest 30 rows, where the panel is, show more than the one colour of an empty root. */
function hasPanel({ framebuffer: { width, height, words } }: RfbViewer): boolean {
  return new Set(words.subarray((height - 30) * width)).size > 8;
}

function cli(...args: string[]): Promise<string> {
  return client.must(args);
}

/** PID 1, its helpers, lohar and the display server of one sandbox: all of ours in its pid namespace, X and the desktop left out. */
function ownProcesses(init: number): number[] {
  const namespace = readlinkSync(`/proc/${init}/ns/pid`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/ns/pid`) === namespace && /\/bhatti$|\/s6-/.test(readlinkSync(`/proc/${pid}/exe`))
        );
      } catch {
        return false; // expected: it ended meanwhile
      }
    });
}

function cpuTicks(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(join('/proc', String(pid), 'stat'), 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}

/** Waits until the desktop has come to rest, so that idle means idle. */
async function quiet(): Promise<void> {
  let last = -1;
  await until(
    async () => {
      const { frameSerial } = (await daemon.call('GET', '/sandboxes/desk/desktop')).json;
      const isQuiet = frameSerial === last;
      last = frameSerial;
      await Bun.sleep(2_000);
      return isQuiet;
    },
    () => `frame ${last}`,
  );
}
