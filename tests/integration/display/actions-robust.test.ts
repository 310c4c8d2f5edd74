import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { basic, TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { act, heldButton1, heldMask, heldShift, perform, postActions } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay();

describe.skipIf(why !== undefined)(titled('actions on a desktop that is not kind', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 640, height: 400 });
    painter = await XPainter.open(display);
  });
  afterAll(async () => {
    painter[Symbol.dispose]();
    await display[Symbol.asyncDispose]();
  });

  test('a screen that never rests ends a settle in time, and other batches go on', async () => {
    let isPainting = true;
    const painting = (async () => {
      while (isPainting) await painter.paint({ x: 0, y: 0, width: 200, height: 200 });
    })();
    const { results } = await act(display, { actions: [{ do: 'settle', maxMs: 400 }] });
    expect(results[0]).toMatchObject({ ok: true, settled: false });
    expect(results[0]?.ms).toBeLessThan(5_000);
    const gone = new AbortController();
    const asked = postActions(display, JSON.stringify({ actions: [{ do: 'settle', maxMs: 600_000 }] }), gone.signal);
    asked.catch(() => {}); // expected: it is given up
    await Bun.sleep(100);
    gone.abort();
    await perform(display, { do: 'cursor' });
    isPainting = false;
    await painting;
  });

  test('a keyboard without a spare key types what it has, and says what it has not', async () => {
    const { client, keycodes } = painter.x;
    const count = keycodes.max - keycodes.min + 1;
    const rows = await painter.x.reply<readonly (readonly number[])[]>((done) =>
      client.GetKeyboardMapping(keycodes.min, count, done),
    );
    const spare = rows.flatMap((keysyms, i) => (keysyms.every((keysym) => keysym === 0) ? [keycodes.min + i] : []));
    expect(spare.length).toBeGreaterThan(5);
    for (const [i, keycode] of spare.entries()) client.ChangeKeyboardMapping(keycode, 1, [0x0100_3041 + i]);
    await perform(display, { do: 'type', text: 'abc' });
    const { results } = await act(display, { actions: [{ do: 'type', text: '好' }] });
    expect(results[0]?.error?.code).toBe('INVALID_ARGUMENT');
    for (const keycode of spare) client.ChangeKeyboardMapping(keycode, 1, [0]);
    await until(async () => (await act(display, { actions: [{ do: 'type', text: '好' }] })).ok);
  });

  test('what was done is told, though the picture at the end cannot be taken', async () => {
    const region: [number, number, number, number] = [5_000, 0, 5_001, 1];
    const done = await act(display, { actions: [{ do: 'move', to: [3, 4] }], screenshot: { region } });
    expect(done).toMatchObject({ ok: true, results: [{ ok: true }], screenshotError: { code: 'INVALID_ARGUMENT' } });
    const looked = await postActions(display, JSON.stringify({ actions: [{ do: 'cursor' }], screenshot: { region } }));
    expect(looked.status).toBe(400);
  });

  test('a caller that leaves, or fails, lets go of what it held itself, and of nothing else', async () => {
    await perform(display, { do: 'keydown', keys: 'shift' }, { do: 'down' });
    const socket = new WebSocket(`ws://127.0.0.1:${display.port}/api/actions`, {
      headers: { Authorization: display.authorization },
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.close();
    await new Promise((resolve) => socket.addEventListener('close', resolve));
    await act(display, { actions: [{ do: 'waitWindow', title: 'none', timeoutMs: 50 }] });
    expect(await heldMask(painter.x)).toBe(heldShift | heldButton1);
    await perform(display, { do: 'up' }, { do: 'keyup', keys: 'shift' });
    expect(await heldMask(painter.x)).toBe(0);
  });

  test('a session over the desktop’s own port ends with its password', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${display.port}/api/actions`, {
      headers: { Authorization: display.authorization },
    });
    const answers: string[] = [];
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.addEventListener('message', ({ data }) =>
      answers.push(typeof data === 'string' ? data : new TextDecoder().decode(data)),
    );
    socket.send(JSON.stringify({ id: 1, actions: [{ do: 'cursor' }] }));
    await until(() => answers.some((answer) => answer.includes('"ok":true')));
    const file = Bun.file(display.passwordFile);
    const before = await file.text();
    await Bun.write(file, before.replace(/^(\w+):[^:]*/, '$1:$5$other$Zm9v'));
    expect(await closed).toBe(4401);
    await Bun.write(file, before);
    await until(
      async () =>
        (await display.request('/api/status', { headers: { Authorization: basic('kasm_user', display.password) } }))
          .status === 200,
    );
  });
});
