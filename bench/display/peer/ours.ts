// Xkasmvnc straight on this machine and not in a sandbox: the peers have no sandbox either, and its limits on cores and memory would be measured along.
import { decodeAuthority } from '@bhatti/display/supervisor/x-authority.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestDisplay } from '../../../tests/support/display-server.ts';
import type { DisplayServer } from './display-server.ts';

export async function startOurs(size: { width: number; height: number }): Promise<DisplayServer> {
  // As the image's unit starts it.
  const flags = ['-depth', '24', '-interface', '0.0.0.0', '-FrameRate=60', '-RectThreads=0'];
  const display = await TestDisplay.start({ ...size, flags });
  const [entry] = decodeAuthority(readFileSync(join(display.rootHome, '.Xauthority')));
  return {
    name: 'ours',
    ...size,
    display: display.display,
    cookie: entry?.data ?? new Uint8Array(),
    env: display.env,
    credentials: { username: 'kasm_user', password: display.password },
    urlFor: (host) => `http://${host}:${display.port}/`,
    processes: () => [display.pid],
    [Symbol.asyncDispose]: () => display[Symbol.asyncDispose](),
  };
}
