import { Painter } from '../scene/painter-client.ts';
import type { Scene } from '../scene/painter-protocol.ts';
import type { DisplayServer } from '../peer/display-server.ts';
import { keyBox, screenSize, type Stage } from './workload.ts';

/** Draws a scene on a server's desktop. */
export function startScene({ wallpaper, captures }: Stage, server: DisplayServer, scene: Scene): Promise<Painter> {
  return Painter.start({
    display: server.display,
    cookieBase64: Buffer.from(server.cookie).toString('base64'),
    scene,
    wallpaper: { id: wallpaper.id, bytes: wallpaper.bytes },
    captures: { id: captures.id, bytes: captures.bytes },
    keyBox,
    ...screenSize,
  });
}
