import { Encoding } from '@bhatti/rfb/numbers.ts';
import { describe, expect, test } from 'bun:test';
import { realpathSync } from 'node:fs';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer, untilExact, usualEncodings } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay('unshare', 'ldconfig');

/** Where the loader finds a library. */
function pathOf(library: string): string {
  const list = Bun.spawnSync(['ldconfig', '-p']).stdout.toString();
  const path = new RegExp(`^\\s*${library.replaceAll('.', '\\.')} .*=> (.*)$`, 'm').exec(list)?.[1];
  if (path === undefined) throw new Error(`there is no ${library}`);
  return realpathSync(path);
}

describe.skipIf(why !== undefined)(titled('without an encoder’s library', why), () => {
  for (const { library, line } of [
    { library: 'libturbojpeg.so.0', line: 'libturbojpeg.so.0 is not installed; pictures are sent exactly' },
    {
      library: 'libopenh264.so.7',
      line: 'libopenh264.so.7 or libyuv.so.0 is not installed; pictures are sent as JPEG',
    },
    { library: 'libyuv.so.0', line: 'libopenh264.so.7 or libyuv.so.0 is not installed; pictures are sent as JPEG' },
  ]) {
    test(`the desktop works on without ${library}, and says so in one line`, async () => {
      await using display = await TestDisplay.start({ emptied: [pathOf(library)] });
      using painter = await XPainter.open(display);
      const streaming = display.streamingPid();
      using first = await RfbViewer.open(display, { encodings: [Encoding.h264, ...usualEncodings] });
      using second = await RfbViewer.open(display, { encodings: [Encoding.h264, ...usualEncodings] });
      const film = { x: 0, y: 0, width: 400, height: 300 };
      await until(
        async () => {
          await painter.paint(film);
          return display.log.includes(line);
        },
        () => display.log,
      );
      for (let i = 0; i < 30; i++) await painter.paint(film);
      await untilExact(display, first);
      await untilExact(display, second);
      const isJpegMissing = library === 'libturbojpeg.so.0';
      expect((await display.control('/screenshot?format=png')).status).toBe(200);
      const jpeg = await display.control('/screenshot?format=jpeg');
      if (isJpegMissing) expect(await jpeg.json()).toMatchObject({ code: 'TOOL_MISSING' });
      else expect(jpeg.status).toBe(200);
      expect(display.log.split('warning: ').filter((part) => part.includes('is not installed'))).toHaveLength(1);
      expect(display.streamingPid()).toBe(streaming);
    });
  }
});
