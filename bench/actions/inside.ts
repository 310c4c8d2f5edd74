// Runs inside the sandbox: asks the display server's control socket, and starts the programs that others start. Prints figures as JSON lines.
const runs = 40;
const [x = 0, y = 0] = process.argv.slice(2).map(Number);
const xdotool = '/usr/bin/xdotool';

await compare('inside-screenshot-png', () => get('/screenshot'), {
  scrot: () => run('scrot', '--overwrite', '/tmp/b.png'),
  'scrot, convert': async () => {
    await run('scrot', '--overwrite', '/tmp/b.png');
    await run('convert', '/tmp/b.png', '-resize', '1280x720!', '/tmp/c.png');
  },
  import: () => run('import', '-window', 'root', '/tmp/b.png'),
});
await compare('inside-screenshot-jpeg', () => get('/screenshot?format=jpeg'), {});
await compare('inside-click', () => act([{ do: 'click', at: [x, y] }]), {
  'xdotool click': () => run(xdotool, 'mousemove', String(x), String(y), 'click', '1'),
  'xdotool click --sync': () =>
    run(
      xdotool,
      'mousemove',
      '--sync',
      String(x + 1),
      String(y),
      'mousemove',
      '--sync',
      String(x),
      String(y),
      'click',
      '1',
    ),
});

async function compare(
  bench: string,
  ours: () => Promise<unknown>,
  peers: Record<string, () => Promise<unknown>>,
): Promise<void> {
  const all = { '': ours, ...peers };
  const samples = Object.fromEntries(Object.keys(all).map((name) => [name, [] as number[]]));
  for (let round = -3; round < runs; round++) {
    for (const [name, once] of Object.entries(all)) {
      await Bun.sleep(20);
      const startedAt = performance.now();
      await once();
      if (round >= 0) samples[name]?.push(performance.now() - startedAt);
    }
  }
  const at = (name: string, share: number) => {
    const sorted = (samples[name] ?? []).toSorted((a, b) => a - b);
    return Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100) / 100;
  };
  const figure = { bench, unit: 'ms', n: runs, p50: at('', 0.5), p95: at('', 0.95), min: at('', 0), max: at('', 1) };
  if (Object.keys(peers).length === 0) return console.log(JSON.stringify(figure));
  for (const name of Object.keys(peers)) {
    const p50 = at(name, 0.5);
    console.log(
      JSON.stringify({ ...figure, peer: { name, p50, ratio: Math.round((figure.p50 / p50) * 1000) / 1000 } }),
    );
  }
}

async function get(path: string): Promise<void> {
  const response = await fetch(`http://display${path}`, { unix: '/run/bhatti/display/control.sock' });
  if ((await response.arrayBuffer()).byteLength < 1_000) throw new Error('no picture came');
}

async function act(actions: unknown[]): Promise<void> {
  const body = JSON.stringify({ actions });
  const response = await fetch('http://display/actions', {
    unix: '/run/bhatti/display/control.sock',
    method: 'POST',
    body,
  });
  const reply = await response.text();
  if (!reply.includes('"ok":true,"screen"')) throw new Error(reply);
}

async function run(...argv: string[]): Promise<void> {
  const child = Bun.spawn(argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  if ((await child.exited) !== 0) throw new Error(`${argv.join(' ')} failed`);
}

export {};
