// What `bhatti mcp` costs: from its start to the reply to `initialize`, beside a command that does nothing, and a command through it, beside the same by the command line.
import { executable } from '../tests/support/capability.ts';
import { TestDaemon } from '../tests/support/daemon.ts';
import { McpClient } from '../tests/support/mcp.ts';
import { report, time, timePaired } from './harness.ts';

const started: McpClient[] = [];
const start = await timePaired(
  40,
  async () => {
    started.push(await McpClient.start([]));
  },
  () => cli({}, '--version'),
);
for (const client of started) await client[Symbol.asyncDispose]();
report('mcp-initialize', 'ms', start.ours, { name: 'bhatti --version', samples: start.peer });

await using daemon = await TestDaemon.start({ images: ['minimal'] });
const env = { BHATTI_RUN_DIR: daemon.runDir };
await daemon.create({ name: 'desk', image: 'minimal' });
await using client = await McpClient.start(['--sandbox', 'desk'], env);

report('mcp-list-tools', 'ms', await time(50, () => client.sdk.listTools()));
const exec = await timePaired(
  100,
  () => client.must('exec', { command: ['true'] }),
  () => cli(env, 'exec', 'desk', '--', 'true'),
);
report('mcp-exec-true', 'ms', exec.ours, { name: 'bhatti exec', samples: exec.peer });

async function cli(more: Readonly<Record<string, string>>, ...args: string[]): Promise<void> {
  const child = Bun.spawn([executable, ...args], {
    env: { ...process.env, ...more },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if ((await child.exited) !== 0) throw new Error(`bhatti ${args.join(' ')} failed`);
}
