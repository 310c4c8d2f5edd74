import { until } from '../../../tests/support/until.ts';
import { cellPx, stripCells, stripHeight, stripOf, stripWidth } from '../figure/strip.ts';
import { openDesktopBrowser } from './desktop-browser.ts';
import { displayLatencies, measureMotion, type DrawnFrame } from './motion.ts';
import { startScene } from './scenes.ts';
import { screenSize, type Measured, type Setting, type Stage } from './workload.ts';

const notchMs = 100;

declare const window: { takeFrames(): DrawnFrame[]; isAtRest(): boolean };

/** A long page of text in Chromium, scrolled by the wheel at a fixed pace. */
export async function measureScroll(stage: Stage, setting: Setting): Promise<Measured> {
  await using painter = await startScene(stage, setting.server, { kind: 'bare' });
  await using desktop = await openDesktopBrowser(setting.server, scrollPage());
  const { at, page } = desktop;
  await painter.tell({ do: 'pointer', x: 640, y: 500 });
  await using viewer = await stage.browser.open(setting.server, setting.link);
  let turning: ReturnType<typeof setInterval> | undefined;
  const top = at.y + stripHeight;
  const { log: _, ...measured } = await measureMotion<DrawnFrame>(stage, setting, {
    viewer,
    painter,
    motion: {
      strip: at,
      box: { x: 0, y: top, width: screenSize.width, height: screenSize.height - top },
      async start() {
        turning = setInterval(() => void painter.tell({ do: 'wheel', notches: 1 }), notchMs);
      },
      async stop() {
        clearInterval(turning);
        await painter.tell({ do: 'wheel', notches: 0 });
        await until(() => page.evaluate(() => window.isAtRest()));
      },
      takeFrames: () => page.evaluate(() => window.takeFrames()),
      latencies: displayLatencies,
    },
  });
  return measured;
}

// The page scrolls itself, in steps towards where the wheel has turned to, so that the strip with the frame's number and the text move in one frame.
function scrollPage(): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>A long page</title>
<style>
  body { margin: 0; overflow: hidden; font: 16px/1.5 'DejaVu Serif', serif; color: #222; background: #fff }
  canvas { position: fixed; left: 0; top: 0 }
  header { position: fixed; inset: 0 0 auto; height: ${stripHeight}px; background: #fff }
  main { position: fixed; inset: ${stripHeight}px 0 0; overflow: hidden scroll }
  article { width: 900px; margin: 0 auto }
</style>
<header><canvas width="${stripWidth}" height="${stripHeight}"></canvas></header>
<main><article>${paragraphs(400)}</article></main>
<script>
  const strips = ${JSON.stringify(Array.from({ length: 4096 }, (_, number) => stripBits(number)))};
  const context = document.querySelector('canvas').getContext('2d');
  const main = document.querySelector('main');
  let wanted = 0, at = 0, number = 0, frames = [];
  addEventListener('wheel', (event) => { event.preventDefault(); wanted += 120 * Math.sign(event.deltaY) }, { passive: false });
  window.isAtRest = () => at === wanted;
  window.takeFrames = () => { const taken = frames; frames = []; return taken };
  const step = () => {
    requestAnimationFrame(step);
    if (at === wanted) return;
    at = Math.min(wanted, at + Math.ceil((wanted - at) * 0.2));
    main.scrollTop = at;
    number = (number + 1) % strips.length;
    [...strips[number]].forEach((bit, cell) => {
      context.fillStyle = bit === '1' ? '#fff' : '#000';
      context.fillRect(cell * ${cellPx}, 0, ${cellPx}, ${stripHeight});
    });
    frames.push({ number, atMs: performance.timeOrigin + performance.now() });
  };
  requestAnimationFrame(step);
</script>`;
}

function stripBits(number: number): string {
  return stripOf(number)
    .map((isWhite) => (isWhite ? '1' : '0'))
    .join('')
    .padEnd(stripCells, '0');
}

const words =
  'a person reads the page while it moves and the eye follows each line upwards so every letter has to be where it was drawn and as sharp as it was drawn'.split(
    ' ',
  );

function paragraphs(count: number): string {
  let text = '';
  let state = 1;
  const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below; // Lehmer's generator: the same page each time
  for (let paragraph = 0; paragraph < count; paragraph++) {
    if (paragraph % 6 === 0) text += `<h2>Section ${paragraph / 6 + 1}</h2>`;
    const sentence = Array.from({ length: 60 + next(60) }, () => words[next(words.length)]);
    text += `<p>${sentence.join(' ')}.</p>`;
  }
  return text;
}
