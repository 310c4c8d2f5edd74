import type { PainterLog } from '../scene/painter-protocol.ts';
import { startScene } from './scenes.ts';
import { latenciesOf, pressKeys } from './keys.ts';
import { displayLatencies, measureMotion } from './motion.ts';
import { keyBox, screenSize, type Measured, type Setting, type Stage } from './workload.ts';
import type { Pixels } from '../figure/ssim.ts';

export interface VideoKind {
  readonly framesPerSecond: number;
  readonly isFull: boolean;
  /** A second browser page looks on. */
  readonly isSeenTwice?: boolean;
}

type FilmFrame = PainterLog['frames'][number];

const markRows = keyBox.height; // rows of the film that the strip and the square may hide

/** A film, and a key pressed now and then while it plays. */
export async function measureVideo(stage: Stage, setting: Setting, kind: VideoKind): Promise<Measured> {
  const { server, link } = setting;
  const film = kind.isFull ? stage.films.full : stage.films.window;
  const { width, height } = film;
  const box = kind.isFull ? { x: 0, y: 0, width, height } : { x: 320, y: 180, width, height };
  const { id, bytes, frames } = film;
  await using painter = await startScene(stage, server, {
    kind: 'film',
    box,
    film: { id, bytes, width, height, frames },
    framesPerSecond: kind.framesPerSecond,
  });
  await using viewer = await stage.browser.open(server, link);
  await using second = kind.isSeenTwice === true ? await stage.browser.open(server, link) : undefined;
  if (second !== undefined) await viewer.page.bringToFront();
  const compared = { x: box.x, y: box.y + markRows, width, height: height - markRows };
  const { log, ...measured } = await measureMotion<FilmFrame>(stage, setting, {
    viewer,
    painter,
    motion: {
      strip: box,
      key: keyBox,
      box: compared,
      start: async () => void (await painter.tell({ do: 'play' })),
      stop: async () => void (await painter.tell({ do: 'pause' })),
      beside: (untilMs) => pressKeys(viewer, untilMs),
      takeFrames: async () => (await painter.takeLog()).frames,
      latencies: displayLatencies,
      reference: ({ filmIndex }) => (filmIndex === undefined ? undefined : placed(film.frame(filmIndex), box)),
    },
  });
  return { ...measured, keyLatenciesMs: latenciesOf(log.keys) };
}

/** The film's picture where it is on the screen. */
function placed(picture: Pixels, { x, y }: { x: number; y: number }): Pixels {
  const words = new Int32Array(screenSize.width * screenSize.height);
  for (let row = 0; row < picture.height; row++) {
    words.set(picture.words.subarray(row * picture.width, (row + 1) * picture.width), (y + row) * screenSize.width + x);
  }
  return { ...screenSize, words };
}
