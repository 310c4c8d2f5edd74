// What the SDK costs a program: its size, loading it, and `exec true` by it, on Node and on Bun. The peer of loading is the emptiest module, in the same run; the peer of exec over the
// socket is a bare request of `node:http` over a kept connection, in the same process.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { TestDaemon } from '../tests/support/daemon.ts';
import { SdkPackage } from '../tests/support/sdk-package.ts';
import { report } from './harness.ts';

await using daemon = await TestDaemon.start({ images: ['minimal'] });
using sdk = new SdkPackage();
await daemon.create({ name: 'desk', image: 'minimal', cpus: 2, memory_mb: 512 });
const key: string = (await daemon.call('POST', '/users', { body: { name: 'bench' } })).json.api_key;
const asUser = { isTcp: true, headers: { authorization: `Bearer ${key}` } };
await daemon.call('POST', '/sandboxes', { ...asUser, body: { name: 'desk', memory_mb: 512 } });

for (const target of ['node', 'browser']) {
  const dir = join(sdk.packageDir, target);
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
  report(`sdk-size-${target}`, 'kB', [files.reduce((sum, file) => sum + statSync(join(dir, file)).size, 0) / 1_000]);
  report(`sdk-size-${target}-entry`, 'kB', [eagerSize(dir, 'index.js') / 1_000]);
}

sdk.add('empty-module.mjs', 'export const nothing = 0;');
sdk.add('import.mjs', timed(`import('@bhatti/client')`));
sdk.add('import-empty.mjs', timed(`import('./empty-module.mjs')`));
sdk.add('first.mjs', firstExec());
sdk.add('exec.mjs', execLoop());
const places = {
  socket: { BHATTI_RUN_DIR: daemon.runDir },
  tcp: { BHATTI_URL: `http://127.0.0.1:${daemon.port}`, BHATTI_TOKEN: key },
};

for (const host of ['node', 'bun'] as const) {
  const imports = { ours: [] as number[], empty: [] as number[], first: [] as number[] };
  for (let run = 0; run < 20; run += 1) {
    imports.ours.push(...(await samples(host, 'import.mjs')));
    imports.empty.push(...(await samples(host, 'import-empty.mjs')));
    imports.first.push(...(await samples(host, 'first.mjs', places.socket)));
  }
  report(`sdk-import-${host}`, 'ms', imports.ours, { name: 'empty module', samples: imports.empty });
  report(`sdk-import-and-first-exec-${host}`, 'ms', imports.first);
  const [ours, bare, streamed] = await threeLists(host, places.socket);
  report(`sdk-exec-true-${host}`, 'ms', ours, { name: 'node:http', samples: bare });
  report(`sdk-exec-stream-true-${host}`, 'ms', streamed);
  const [overTcp] = await threeLists(host, places.tcp);
  report(`sdk-exec-true-${host}-tcp`, 'ms', overTcp);
}

async function samples(host: 'node' | 'bun', file: string, env: Record<string, string> = {}): Promise<number[]> {
  return JSON.parse(await output(host, file, env));
}

async function threeLists(host: 'node' | 'bun', env: Record<string, string>): Promise<[number[], number[], number[]]> {
  return JSON.parse(await output(host, 'exec.mjs', env));
}

async function output(host: 'node' | 'bun', file: string, env: Record<string, string>): Promise<string> {
  const { exitCode, stdout, stderr } = await sdk.run(host, file, env);
  if (exitCode !== 0) throw new Error(`${file} on ${host}: ${stderr}`);
  return stdout;
}

/** What an entry brings in before anything is called. */
function eagerSize(dir: string, entry: string, seen = new Set<string>()): number {
  const path = join(dir, entry);
  if (seen.has(path)) return 0;
  seen.add(path);
  const text = new Bun.Transpiler({ loader: 'js' }).scanImports(Bun.mmap(path));
  const eager = text.filter(({ kind, path: to }) => kind === 'import-statement' && to.startsWith('.'));
  return eager.reduce((sum, { path: to }) => sum + eagerSize(join(path, '..'), to, seen), statSync(path).size);
}

function timed(what: string): string {
  return `const from = performance.now(); await ${what}; console.log(JSON.stringify([performance.now() - from]));`;
}

function firstExec(): string {
  return `const from = performance.now();
    const { Bhatti } = await import('@bhatti/client');
    const box = await new Bhatti().sandboxes.get('desk');
    await box.exec(['true']);
    console.log(JSON.stringify([performance.now() - from]));`;
}

/** In turn, so that a machine whose speed drifts favours none. */
function execLoop(): string {
  return `import { Agent, request } from 'node:http';
    import { Bhatti } from '@bhatti/client';
    const box = await new Bhatti().sandboxes.get('desk');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const socketPath = process.env.BHATTI_RUN_DIR + '/bhatti.sock';
    const bare = () => new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request({ socketPath, agent, method: 'POST', path: '/sandboxes/' + box.id + '/exec', headers },
        (reply) => reply.on('end', resolve).resume());
      sent.on('error', reject).end('{"argv":["true"]}');
    });
    const streamed = async () => { await (await box.exec.stream(['true'])).wait(); };
    const ways = [() => box.exec(['true']), ...(process.env.BHATTI_RUN_DIR ? [bare, streamed] : [])];
    const lists = [[], [], []];
    for (let run = -20; run < 100; run += 1)
      for (const [at, way] of ways.entries()) {
        const from = performance.now();
        await way();
        if (run >= 0) lists[at].push(performance.now() - from);
      }
    agent.destroy();
    console.log(JSON.stringify(lists));`;
}
