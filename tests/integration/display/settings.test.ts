import { describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay('xdpyinfo');

describe.skipIf(why !== undefined)(titled('settings', why), () => {
  const refusal = async (options: Parameters<typeof TestDisplay.start>[0]) => {
    try {
      await using display = await TestDisplay.start(options);
      return `it started on :${display.display}`;
    } catch (error) {
      return String(error);
    }
  };

  test('a wrong value is one line that names where it stands, and the server does not start', async () => {
    expect(await refusal({ env: { DISPLAY_WIDTH: 'banana' } })).toContain(
      'error: cannot use DISPLAY_WIDTH "banana": it must be a whole number from 64 to 16384\n',
    );
    expect(await refusal({ env: { DISPLAY_DEPTH: '17' } })).toContain(
      'DISPLAY_DEPTH "17": it must be one of 16, 24, 32',
    );
    expect(await refusal({ env: { KASM_FRAMERATE: '0' } })).toContain('KASM_FRAMERATE "0"');
    expect(await refusal({ flags: ['-RecThreads', '1'] })).toContain('error: unknown flag "-RecThreads"');
    expect(await refusal({ flags: ['-geometry', '100000x100000'] })).toContain('flag "-geometry" "100000x100000"');
    expect(await refusal({ flags: ['-FrameRate'] })).toContain('flag "-FrameRate" needs a value');
    expect(await refusal({ yaml: 'desktop:\n  resolutoin: 1\n' })).toContain('unknown key "desktop.resolutoin"');
    expect(await refusal({ yaml: 'encoding:\n  max_frame_rate: fast\n' })).toContain('"encoding.max_frame_rate" of ');
    expect(await refusal({ yaml: 'a: [b\n' })).toContain('cannot read "');
  });

  test('flags win over the environment, the environment over the file', async () => {
    await using display = await TestDisplay.start({
      env: { DISPLAY_WIDTH: '700' },
      flags: ['-desktop=from a flag'],
      yaml: 'desktop:\n  resolution:\n    width: 900\n    height: 500\nlegacy:\n  desktop_name: from the file\n',
    });
    using viewer = await RfbViewer.open(display);
    expect(viewer.name).toBe('from a flag');
    expect(viewer.framebuffer).toMatchObject({ width: 640, height: 400 });
  });

  test('an edit of the file takes effect when a viewer connects; a broken file changes nothing', async () => {
    await using display = await TestDisplay.start();
    const mayResize = async () => {
      using viewer = await RfbViewer.open(display);
      const { screens } = await until(() => viewer.heard('extendedDesktopSize').at(-1));
      viewer.send({ type: 'setDesktopSize', width: 640, height: 400, screens });
      await until(() => viewer.heard('extendedDesktopSize').length > 1);
      return viewer.heard('extendedDesktopSize').at(-1)?.status === 0;
    };
    expect(await mayResize()).toBe(true);
    await Bun.write(display.yamlFile, 'desktop:\n  allow_resize: false\n');
    expect(await mayResize()).toBe(false);
    await Bun.write(display.yamlFile, 'desktop:\n  allow_resize: maybe\n');
    expect(await mayResize()).toBe(true);
    await until(() => display.log.includes('the settings of the start stay in force'));
  });

  for (const { depth, planes } of [
    { depth: '16', planes: '16' },
    { depth: '32', planes: '24' },
  ]) {
    test(`depth ${depth} gives ${planes} planes, and viewers see what is there`, async () => {
      await using display = await TestDisplay.start({ flags: ['-depth', depth] });
      expect(await display.run('xdpyinfo')).toContain(`depth of root window:    ${planes} planes`);
      using viewer = await RfbViewer.open(display);
      await display.run('xsetroot', '-solid', '#ff8000');
      await until(async () => {
        const seen = viewer.framebuffer.words[0] ?? 0;
        const wanted = (await display.pixels()).words[0] ?? 0;
        // A third program and a viewer may widen 5 bits to 8 differently, by one in the last bits.
        return [16, 8, 0].every((shift) => Math.abs(((seen >> shift) & 255) - ((wanted >> shift) & 255)) <= 8);
      });
    });
  }

  test('one viewer at a time, where so configured', async () => {
    await using display = await TestDisplay.start({ flags: ['-AlwaysShared=0', '-NeverShared'] });
    using first = await RfbViewer.open(display);
    using second = await RfbViewer.open(display);
    expect(await first.closed).toMatchObject({ code: 4409 });
    await untilExact(display, second);
  });

  test('a viewer that does nothing is disconnected after the idle time-out', async () => {
    await using display = await TestDisplay.start({ flags: ['-IdleTimeout', '1'] });
    using viewer = await RfbViewer.open(display);
    expect(await viewer.closed).toMatchObject({ code: 1000, reason: 'idle for too long' });
  });

  test('the frame rate is a limit', async () => {
    await using display = await TestDisplay.start({ flags: ['-FrameRate', '4'] });
    using painter = await XPainter.open(display);
    using viewer = await RfbViewer.open(display);
    await untilExact(display, viewer);
    const serial = async () => (await display.status()).frameSerial;
    const [before, startedAtMs] = [await serial(), performance.now()];
    for (let i = 0; i < 100; i++) await painter.paint({ x: 0, y: 0, width: 100, height: 50 });
    const elapsedMs = performance.now() - startedAtMs;
    expect((await serial()) - before).toBeLessThanOrEqual(Math.ceil(elapsedMs / 250) + 1);
    await untilExact(display, viewer);
  });

  test('without passwords the page is open, and the API is not', async () => {
    await using display = await TestDisplay.start({ flags: ['-DisableBasicAuth'] });
    const url = `http://127.0.0.1:${display.port}`;
    expect((await fetch(`${url}/`)).status).toBe(200);
    expect((await fetch(`${url}/api/status`)).status).toBe(401);
  });

  test('help lists the flags; waiting until ready ends when it is', async () => {
    await using display = await TestDisplay.start();
    const help = Bun.spawnSync([display.executable, '-help']).stdout.toString();
    expect(help).toContain('-websocketPort');
    const ready = Bun.spawnSync([display.executable, '--wait-ready', '-websocketPort', String(display.port)], {
      env: display.serverEnv,
    });
    expect(ready.exitCode).toBe(0);
  });
});
