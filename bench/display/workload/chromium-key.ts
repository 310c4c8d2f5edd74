import { openDesktopBrowser } from './desktop-browser.ts';
import { measureKeys } from './keys.ts';
import { startScene } from './scenes.ts';
import type { Measured, Setting, Stage } from './workload.ts';

const square = { x: 100, y: 100, width: 64, height: 64 };
const html = `<!doctype html>
<style>body { margin: 0; background: #ddd } div { position: fixed; left: 100px; top: 100px; width: 64px; height: 64px; background: #111 }</style>
<div></div>
<script>
  let presses = 0;
  addEventListener('keydown', () => (document.querySelector('div').style.background = ++presses % 2 ? '#eee' : '#111'));
</script>`;

/** A key press on a page in Chromium that answers at once. */
export async function measureChromiumKey(stage: Stage, setting: Setting): Promise<Measured> {
  await using painter = await startScene(stage, setting.server, { kind: 'bare' });
  await using desktop = await openDesktopBrowser(setting.server, html);
  await painter.tell({ do: 'pointer', x: 600, y: 500 });
  await using viewer = await stage.browser.open(setting.server, setting.link);
  const area = { ...square, x: desktop.at.x + square.x, y: desktop.at.y + square.y };
  const { keys: _, ...measured } = await measureKeys(setting, viewer, { area, seconds: stage.seconds });
  return measured;
}
