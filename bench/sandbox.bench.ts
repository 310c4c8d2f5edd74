// What a command and a sandbox cost: `bhatti exec`, the API, create to first exec, destroy. The peer of exec is util-linux's `nsenter`, which enters the same container.
import { Agent, request } from 'node:http';
import { join } from 'node:path';

import { executable } from '../tests/support/capability.ts';
import { TestDaemon } from '../tests/support/daemon.ts';
import { report, time, timePaired } from './harness.ts';

await using daemon = await TestDaemon.start({ images: ['minimal'] });
const env = { ...process.env, BHATTI_RUN_DIR: daemon.runDir };
const { id } = await daemon.create({ name: 'desk', image: 'minimal', cpus: 2, memory_mb: 1024 });

const cli = (...args: string[]) => mustRun([executable, ...args]);
const init = JSON.parse(await output(['runc', '--root', join(daemon.runDir, 'runc'), 'state', id])).pid;

const exec = await timePaired(
  50,
  () => cli('exec', 'desk', '--', 'true'),
  () => mustRun(['nsenter', '--target', String(init), '--all', '--setuid', '1000', '--setgid', '1000', 'true']),
);
report('cli-exec-true', 'ms', exec.ours, { name: 'nsenter', samples: exec.peer });

using connection = keptConnection(daemon.socketPath);
report('api-exec-true', 'ms', await time(200, () => connection.exec(['true']), 50));

const created: number[] = [];
const destroyed: number[] = [];
for (let run = 0; run < 32; run++) {
  const name = `b${run}`;
  const createdIn = await time(
    1,
    async () => {
      await cli('create', '--name', name, '--image', 'minimal', '--no-wait');
      await cli('exec', name, '--', 'true');
    },
    0,
  );
  const destroyedIn = await time(1, () => cli('destroy', name, '--yes'), 0);
  if (run < 2) continue;
  created.push(...createdIn);
  destroyed.push(...destroyedIn);
}
report('create-minimal-first-exec', 'ms', created);
report('destroy', 'ms', destroyed);

async function mustRun(argv: readonly string[]): Promise<void> {
  await output(argv);
}

async function output(argv: readonly string[]): Promise<string> {
  const child = Bun.spawn([...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [exitCode, printed, said] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} exited with ${exitCode}: ${said}`);
  return printed;
}

function keptConnection(socketPath: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    exec: (argv: readonly string[]) =>
      new Promise<void>((resolve, reject) => {
        const call = request(
          {
            socketPath,
            agent,
            method: 'POST',
            path: '/sandboxes/desk/exec',
            headers: { 'content-type': 'application/json' },
          },
          (reply) => reply.on('error', reject).on('end', resolve).resume(),
        );
        call.on('error', reject).end(JSON.stringify({ argv }));
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
