// What an agent's step costs: pictures, clicks and text, inside the sandbox, through the API and by `bhatti exec`, beside the programs that others start for each of them.
import { join } from 'node:path';
import type { Action, Batch, BatchReply } from '@bhatti/wire/display/action.ts';
import { Cli } from '../tests/support/cli.ts';
import { TestDaemon } from '../tests/support/daemon.ts';
import { report, time, timePaired } from './harness.ts';

const page = `<!doctype html><title>ready</title><body style="margin:0;background:#fff;height:100vh">
<textarea id="text" style="width:80vw;height:40vh"></textarea>
<script>
  let clicks = 0;
  addEventListener('mousedown', () => { clicks++; document.body.style.background = clicks % 2 ? '#369' : '#fff'; });
  const text = document.querySelector('#text');
  text.addEventListener('input', () => { if (text.value === decodeURIComponent(location.hash.slice(1))) document.title = 'all typed'; });
</script>`;
const runs = 40;
const xdotool = '/usr/bin/xdotool'; // the distribution's own, not ours

await using daemon = await TestDaemon.start({ images: ['computer'] });
const client = new Cli(daemon.runDir);
await cli('create', '--name', 'desk', '--image', 'computer', '--cpus', '2', '--memory', '4096');

// Text of five scripts and more, with 700 characters that no keyboard has.
const text = Array.from({ length: 20 }, (_, i) => `Grüße ${i} 你好世界 مرحبا नमस्ते Привет 😀 `).join('') + han(1_000);
const typed = Array.from(text).slice(0, 1_000).join('');
await client.must(['file', 'write', 'desk', '/tmp/page.html'], { stdin: page });
await cli('exec', 'desk', '--', 'chromium-browser', `file:///tmp/page.html#${encodeURIComponent(typed)}`);
await act({
  actions: [
    { do: 'waitWindow', title: 'ready' },
    { do: 'settle', quietMs: 500, maxMs: 10_000 },
  ],
});
const [window] =
  (await act({ actions: [{ do: 'windows' }] })).results[0]?.windows?.filter(({ active }) => active) ?? [];
const middle: [number, number] = [640, (window?.y ?? 0) + 500];
const field: [number, number] = [300, (window?.y ?? 0) + 200];

for (const line of await inside()) console.log(line);

await paired(
  'api-screenshot-png',
  () => picture('png'),
  'bhatti exec scrot',
  () => exec('scrot', '--overwrite', '/tmp/b.png'),
);
report('api-screenshot-jpeg', 'ms', await time(runs, () => picture('jpeg')));
await paired(
  'exec-screenshot-png',
  () => exec('screenshot', '/tmp/a.png'),
  'bhatti exec scrot',
  () => exec('scrot', '--overwrite', '/tmp/b.png'),
);
await paired(
  'api-click',
  () => act({ actions: [{ do: 'click', at: middle }] }),
  'bhatti exec xdotool',
  () => exec(xdotool, 'mousemove', String(middle[0]), String(middle[1]), 'click', '1'),
);
await paired(
  'exec-xdotool-click',
  () => exec('xdotool', 'mousemove', ...middle.map(String), 'click', '1'),
  'the real xdotool',
  () => exec(xdotool, 'mousemove', ...middle.map(String), 'click', '1'),
);

// One step of a loop: click, see what came of it. The others' loops wait a fixed time in between, which is left out here.
const step = () => act({ actions: [{ do: 'click', at: middle }], settle: {}, screenshot: {} });
await paired('step-click-settle-screenshot', step, 'xdotool, scrot, convert (without the wait of 2 s)', async () => {
  await exec(
    'sh',
    '-c',
    `${xdotool} mousemove ${middle.join(' ')} click 1 && scrot --overwrite -p /tmp/c.png && convert /tmp/c.png -resize 1280x720! /tmp/d.png && base64 -w0 /tmp/d.png`,
  );
});
await paired('step-click-settle-screenshot', step, 'xdotool, then scrot, then read (without any wait)', async () => {
  await exec(xdotool, 'mousemove', ...middle.map(String), 'click', '1');
  await exec('scrot', '--overwrite', '--pointer', '/tmp/c.png');
  await cli('file', 'read', 'desk', '/tmp/c.png');
});

report('type-1000-unicode', 'ms', await time(8, typeAll, 1));

async function typeAll(): Promise<void> {
  const clear: Action[] = [
    { do: 'click', at: field },
    { do: 'key', keys: 'ctrl+a' },
    { do: 'key', keys: 'Delete' },
  ];
  await act({ actions: [...clear, { do: 'settle', quietMs: 50 }] });
  await exec('true');

  const reply = await act({
    actions: [
      { do: 'type', text: typed },
      { do: 'waitWindow', title: 'all typed', timeoutMs: 20_000 },
    ],
  });

  if (!reply.ok) throw new Error(JSON.stringify(reply.results));
  // The next round must find another title.
  await act({
    actions: [
      { do: 'key', keys: 'F5' },
      { do: 'waitWindow', title: 'ready' },
      { do: 'settle', quietMs: 200 },
    ],
  });
}

/** Figures of a program inside the sandbox that asks the display server itself: the executable runs it, as Bun. */
async function inside(): Promise<string[]> {
  const script = await Bun.file(join(import.meta.dir, 'actions', 'inside.ts')).text();
  await client.must(['file', 'write', 'desk', '/tmp/inside.ts'], { stdin: script });
  const output = await cli(
    'exec',
    'desk',
    '--',
    'env',
    'BUN_BE_BUN=1',
    '/usr/lib/bhatti/bhatti',
    'run',
    '/tmp/inside.ts',
    ...middle.map(String),
  );
  return output.trim().split('\n');
}

async function paired(
  name: string,
  ours: () => Promise<unknown>,
  peerName: string,
  peer: () => Promise<unknown>,
): Promise<void> {
  const samples = await timePaired(runs, ours, peer);
  report(name, 'ms', samples.ours, { name: peerName, samples: samples.peer });
}

async function act(batch: Batch): Promise<BatchReply> {
  const response = await fetch('http://bhatti/sandboxes/desk/actions', {
    unix: daemon.socketPath,
    method: 'POST',
    body: JSON.stringify(batch),
  });
  if (!response.ok) throw new Error(await response.text());
  // SAFETY: our own server's word, in a benchmark.
  return (await response.json()) as BatchReply;
}

async function picture(format: string): Promise<void> {
  const response = await fetch(`http://bhatti/sandboxes/desk/screenshot?format=${format}`, { unix: daemon.socketPath });
  if ((await response.arrayBuffer()).byteLength < 1_000) throw new Error('no picture came');
}

function exec(...argv: string[]): Promise<string> {
  return cli('exec', 'desk', '--', ...argv);
}

function cli(...args: string[]): Promise<string> {
  return client.must(args);
}

function han(count: number): string {
  return Array.from({ length: count }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 13) % 5_000))).join('');
}
