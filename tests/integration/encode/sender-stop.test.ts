import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { afterEach, expect, spyOn, test } from 'bun:test';
import { MovingScreen, MovingViewer } from '../../support/moving-screen.ts';
import { usualEncodings } from '../../support/rfb-viewer.ts';

const timers = spyOn(globalThis, 'setTimeout');
afterEach(() => timers.mockRestore());

test('a viewer that leaves while a picture is made for it leaves no clock behind', async () => {
  await using pool = openEncodePool({ threads: 1 });
  using screen = new MovingScreen({ width: 500, height: 400 }, pool);
  for (let i = 0; i < screen.words.length; i++) screen.words[i] = Math.imul(i, 0x9e37_79b1) & 0xff_ffff;
  await screen.present();
  let drawn = 0;
  const staying = new MovingViewer(screen, { encodings: usualEncodings, draw: () => drawn++ });
  while (drawn === 0) {
    staying.read();
    await Bun.sleep(1);
  }
  // The same for one that leaves at once: the picture, which is lossy, comes when it has gone.
  staying.sender.stop();
  timers.mockClear();
  const leaving = new MovingViewer(screen, { encodings: usualEncodings, draw: () => {} });
  leaving.sender.stop();
  await Bun.sleep(600);
  expect(timers.mock.calls.filter(([, ms]) => ms === 100)).toEqual([]);
});
