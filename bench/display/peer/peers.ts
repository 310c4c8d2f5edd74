// The peers, each as its documentation has people run it: TigerVNC's Xvnc, and Xvfb with x11vnc, both behind websockify with a page on noVNC's client, the newest, which is the one that our own page stands on.
import { cookieEntry, encodeAuthority } from '@bhatti/display/supervisor/x-authority.ts';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../../../tests/support/until.ts';
import type { DisplayServer, ServerName } from './display-server.ts';

export interface PeerOptions {
  readonly width: number;
  readonly height: number;
  /** An empty directory for its files. */
  readonly dir: string;
}

interface PeerPlan {
  readonly name: ServerName;
  readonly display: number;
  readonly rfbPort: number;
  readonly webPort: number;
  programs(options: PeerOptions, authority: string): readonly (readonly string[])[];
}

const tigerVnc: PeerPlan = {
  name: 'tigervnc',
  display: 91,
  rfbPort: 5991,
  webPort: 6091,
  programs: ({ width, height }, authority) => [
    words(
      `Xvnc :91 -auth ${authority} -geometry ${width}x${height} -depth 24 -rfbport 5991`,
      '-SecurityTypes None -localhost -AlwaysShared -nolisten tcp',
    ),
  ],
};

const x11vnc: PeerPlan = {
  name: 'x11vnc',
  display: 92,
  rfbPort: 5992,
  webPort: 6092,
  programs: ({ width, height }, authority) => [
    words(`Xvfb :92 -auth ${authority} -screen 0 ${width}x${height}x24 -nolisten tcp`),
    words(
      `x11vnc -display :92 -auth ${authority} -rfbport 5992 -localhost -nopw -quiet -forever -shared -repeat -noipv6`,
      '-nowf', // otherwise it shows an outline instead of a window that is moved
    ),
  ],
};

export const startTigerVnc = (options: PeerOptions) => startPeer(tigerVnc, options);
export const startX11vnc = (options: PeerOptions) => startPeer(x11vnc, options);

async function startPeer(plan: PeerPlan, options: PeerOptions): Promise<DisplayServer> {
  const { display, rfbPort, webPort } = plan;
  const { width, height, dir } = options;
  const cookie = crypto.getRandomValues(new Uint8Array(16));
  const authority = join(dir, 'authority');
  writeFileSync(authority, encodeAuthority([cookieEntry(display, cookie)]), { mode: 0o600 });
  const children: Bun.Subprocess[] = [];
  const start = (argv: readonly string[]) =>
    children.push(Bun.spawn([...argv], { stdio: ['ignore', Bun.file(join(dir, 'log')), Bun.file(join(dir, 'log'))] }));
  for (const argv of plan.programs(options, authority)) {
    start(argv);
    await until(() => accepts({ path: `/tmp/.X11-unix/X${display}` }));
  }
  await until(
    () => accepts({ port: rfbPort, host: '127.0.0.1' }),
    () => Bun.file(join(dir, 'log')).text(),
  );
  start(['websockify', '--web', makePage(dir), `0.0.0.0:${webPort}`, `127.0.0.1:${rfbPort}`]);
  await until(() => accepts({ port: webPort, host: '127.0.0.1' }));
  return {
    name: plan.name,
    width,
    height,
    display,
    cookie,
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', DISPLAY: `:${display}`, XAUTHORITY: authority },
    urlFor: (host) => `http://${host}:${webPort}/index.html`,
    processes: () => children.map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill();
      await Promise.all(children.map(({ exited }) => exited));
    },
  };
}

/** What noVNC's own small page does, with its defaults, and without what only a person needs. */
function makePage(dir: string): string {
  const web = join(dir, 'web');
  mkdirSync(web);
  symlinkSync(join(import.meta.dir, '../../../node_modules/@novnc/novnc'), join(web, 'novnc'));
  const page = `<!doctype html>
<meta charset="utf-8">
<title>noVNC</title>
<style>html, body, #screen { margin: 0; width: 100%; height: 100%; overflow: hidden }</style>
<div id="screen"></div>
<script type="module">
  import RFB from './novnc/core/rfb.js';
  const rfb = new RFB(document.getElementById('screen'), 'ws://' + location.host + '/websockify', { shared: true });
  rfb.scaleViewport = true;
  rfb.addEventListener('connect', () => rfb.focus());
</script>
`;
  writeFileSync(join(web, 'index.html'), page);
  return web;
}

function accepts(target: { path: string } | { port: number; host: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false)); // expected: it does not listen yet
  });
}

function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}
