import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomHex } from '@bhatti/base/ids.ts';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { LeasePerson, leaseOf, openLeaseSocket, postLease } from '../../support/lease-person.ts';
import { act, perform, postActions } from '../../support/operator.ts';
import { RfbViewer } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay('xterm', 'xclip');
const button1 = 1 << 8;
const shiftKeysym = 0xffe1;

describe.skipIf(why !== undefined)(titled('the lease of keyboard and pointer', why), () => {
  let display: TestDisplay;
  let painter: XPainter;
  let ann: LeasePerson;
  let ben: LeasePerson;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 640, height: 400 });
    painter = await XPainter.open(display);
    ann = await LeasePerson.open(display);
    ben = await LeasePerson.open(display);
  });
  afterAll(async () => {
    for (const each of [ann, ben, painter]) each?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const pointer = () => {
    const { client, screen } = painter.x;
    return painter.x.reply<{ rootX: number; rootY: number; keyMask: number }>((done) =>
      client.QueryPointer(screen.root, done),
    );
  };
  const isAt = async (x: number, y: number) => {
    const { rootX, rootY } = await pointer();
    return rootX === x && rootY === y;
  };
  /** Whether the X server knows of any button or key that is down. */
  const anythingDown = async () => {
    const keys = await painter.x.reply<Buffer>((done) => painter.x.client.QueryKeymap(done));
    return ((await pointer()).keyMask & 0x1f00) !== 0 || keys.some((bits) => bits !== 0);
  };
  const free = async () => {
    await postLease(display, { op: 'return' });
    await ann.sees('nobody');
  };
  const code = async (response: Response | Promise<Response>) => {
    const answer = await response;
    // SAFETY: what is asserted is looked at by the assertion.
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };

  test('an agent takes it by acting, not by looking, and has it for a while', async () => {
    await perform(display, { do: 'cursor' }, { do: 'screenshot' }, { do: 'wait', ms: 1 });
    expect((await leaseOf(display)).holder.kind).toBe('nobody');
    await perform(display, { do: 'move', to: [10, 10] });
    expect((await leaseOf(display)).holder.kind).toBe('agent');
    await ann.sees('agent');
    await ann.sees('nobody');
    expect((await leaseOf(display)).events.at(-1)).toMatchObject({ event: 'returned', by: 'agent', why: 'lapsed' });
  });

  test('while an agent has it viewers only look: keys, pointer, size and clipboard', async () => {
    const file = join(display.home, 'viewers');
    const xterm = display.spawn(['xterm', '-geometry', '60x10+0+0', '-e', 'sh', '-c', `cat > ${file}`]);
    await until(() => existsSync(file));
    await postLease(display, { op: 'hold', ms: 600_000 });
    await perform(display, { do: 'copy', text: 'of the agent' }, { do: 'move', to: [50, 50] });
    await ann.sees('agent');
    ann.viewer.pointer(200, 100, 1);
    ann.viewer.type('dropped\n');
    ann.viewer.send({ type: 'clientCutText', text: 'of a viewer' });
    ann.viewer.send({ type: 'setDesktopSize', width: 800, height: 600, screens: [] });
    await until(
      () => {
        ann.viewer.requestAll(false);
        return ann.viewer.heard('extendedDesktopSize').some(({ status }) => status !== 0);
      },
      () => JSON.stringify(ann.viewer.heard('extendedDesktopSize')),
      5_000,
    );
    expect(await isAt(50, 50)).toBe(true);
    expect(await anythingDown()).toBe(false);
    expect((await perform(display, { do: 'copied' })).results[0]?.text).toBe('of the agent');
    expect(readFileSync(file, 'utf8')).toBe('');

    // Its button is still down, and stays without effect until it was up.
    await free();
    ann.viewer.pointer(60, 60, 1);
    await until(() => isAt(60, 60));
    expect(await anythingDown()).toBe(false);
    ann.viewer.pointer(60, 60, 0);
    ann.viewer.type('heard\n');
    await until(() => readFileSync(file, 'utf8') === 'heard\n');
    xterm.kill();
    await xterm.exited;
  });

  test('what a viewer holds down is let go of before an agent acts', async () => {
    for (let i = 0; i < 20; i++) {
      await free();
      ann.viewer.pointer(300, 300, 1);
      ann.viewer.send({ type: 'keyEvent', keysym: shiftKeysym, down: true });
      await until(async () => ((await pointer()).keyMask & (button1 | 1)) === (button1 | 1));
      await perform(display, { do: 'down', at: [20, 20] });
      expect((await pointer()).keyMask & (button1 | 1)).toBe(button1);
      expect(await isAt(20, 20)).toBe(true);
      await perform(display, { do: 'up' });
      expect(await anythingDown()).toBe(false);
      ann.viewer.pointer(300, 300, 0);
      ann.viewer.send({ type: 'keyEvent', keysym: shiftKeysym, down: false });
    }
    await free();
  });

  test('mere movement is never a takeover; a person takes over in the middle of a drag, and nothing stays pressed', async () => {
    const asked = act(display, {
      actions: [
        {
          do: 'drag',
          path: [
            [10, 10],
            [600, 300],
          ],
          hold: ['ctrl'],
          steps: 100,
          stepMs: 1_000,
        },
        { do: 'click', at: [1, 1] },
        { do: 'wait', ms: 60_000 },
      ],
      goOn: true,
    });
    await until(async () => ((await pointer()).keyMask & button1) !== 0);
    ben.viewer.pointer(400, 200, 4);
    ben.viewer.pointer(401, 200, 0);
    expect((await leaseOf(display)).holder.kind).toBe('agent');
    const tookAtMs = performance.now();
    await ann.take();
    const reply = await asked;
    expect(performance.now() - tookAtMs).toBeLessThan(5_000); // a guard: the drag goes on for a hundred seconds
    expect(reply.ok).toBe(false);
    expect(reply.results[0]).toMatchObject({
      ok: false,
      error: {
        code: 'INPUT_HELD',
        details: { holder: 'kasm_user' },
        message: expect.stringContaining('taken the input over'),
      },
    });
    expect(reply.results.slice(1)).toMatchObject([{ skipped: true }, { skipped: true }]);
    expect(await anythingDown()).toBe(false);
    const { rootX, rootY } = await pointer();
    await Bun.sleep(50);
    expect(await isAt(rootX, rootY)).toBe(true);
    await ann.handBack();
  });

  test('in the middle of a long text too: what came is a beginning of it, and no key stays down', async () => {
    const file = join(display.home, 'typed');
    const xterm = display.spawn(['xterm', '-geometry', '60x10+0+0', '-e', 'sh', '-c', `cat > ${file}`]);
    await until(() => existsSync(file));
    await perform(display, { do: 'move', to: [50, 50] });
    const line = 'The Quick, Brown Fox!\n';
    const text = line.repeat(2_000);
    const asked = act(display, {
      actions: [
        { do: 'type', text },
        { do: 'key', keys: 'Return' },
      ],
    });
    await until(() => statSync(file).size > 0);
    await ann.take();
    const reply = await asked;
    expect(reply.results[0]).toMatchObject({ ok: false, error: { code: 'INPUT_HELD' } });
    expect(reply.results[1]).toMatchObject({ skipped: true });
    expect(await anythingDown()).toBe(false);
    // The person's own line follows what was typed until then.
    ann.viewer.type('\nmine\n');
    await until(() => readFileSync(file, 'utf8').endsWith('\nmine\n'));
    const typed = readFileSync(file, 'utf8').slice(0, -'\nmine\n'.length);
    expect(text.startsWith(typed)).toBe(true);
    expect(typed.length).toBeLessThan(text.length);
    await ann.handBack();
    xterm.kill();
    await xterm.exited;
  });

  test('at whatever instant a person takes over, nothing of the batch happens after it, and nothing stays pressed', async () => {
    const actions = [
      { do: 'click', at: [30, 30], count: 3, hold: ['ctrl', 'shift'] },
      { do: 'keydown', keys: 'alt+x' },
      {
        do: 'drag',
        path: [
          [10, 10],
          [90, 90],
          [10, 90],
        ],
        steps: 3,
        stepMs: 1,
        hold: ['super'],
      },
      { do: 'keyup', keys: 'alt+x' },
      { do: 'type', text: 'Abc 你好 ß', delayMs: 1 },
      { do: 'key', keys: 'ctrl+shift+F9', repeat: 20 },
      { do: 'scroll', at: [50, 50], dx: 3, dy: -4 },
      { do: 'down', button: 'right' },
    ] as const;
    for (let i = 0; i < 60; i++) {
      const afterMs = Math.random() * 80;
      const asked = act(display, { actions: structuredClone(actions) as never, goOn: true });
      await Bun.sleep(afterMs);
      await ann.take();
      ann.viewer.pointer(600, 350);
      const { results } = await asked;
      const done = results.map(({ ok }) => ok);
      expect({ afterMs, sorted: done.lastIndexOf(true) < (done.indexOf(false) + 1 || Infinity) }).toEqual({
        afterMs,
        sorted: true,
      });
      await until(
        () => isAt(600, 350),
        () => `taken over after ${afterMs} ms`,
      );
      expect({ afterMs, down: await anythingDown() }).toEqual({ afterMs, down: false });
      await ann.handBack();
    }
  });

  test('keys and buttons that an agent left down go up with a takeover', async () => {
    await perform(display, { do: 'keydown', keys: 'shift' }, { do: 'down', button: 'right' });
    expect(await anythingDown()).toBe(true);
    await ann.take();
    await until(async () => !(await anythingDown()));
    await ann.handBack();
  });

  test('while a person has it an agent is refused at once, may look, and may wait; other viewers only look', async () => {
    await ann.take();
    await ben.sees('other');
    ann.viewer.pointer(111, 112);
    await until(() => isAt(111, 112));
    ben.viewer.pointer(5, 5);

    const reply = await act(display, { actions: [{ do: 'click', at: [1, 1] }, { do: 'cursor' }], screenshot: {} });
    expect(reply.results[0]?.error).toMatchObject({
      code: 'INPUT_HELD',
      message: 'cannot act: a person, "kasm_user", has the input',
      hint: expect.stringContaining('wait=free'),
      details: { holder: 'kasm_user' },
    });
    expect(reply.results[1]).toMatchObject({ skipped: true });
    expect(reply.screenshot?.width).toBe(640);
    expect((await perform(display, { do: 'cursor' }, { do: 'screenshot' })).results[0]).toMatchObject({
      x: 111,
      y: 112,
    });
    expect(await code(postLease(display, { op: 'hold', ms: 1_000 }))).toEqual([409, 'INPUT_HELD']);

    // Longer than an idle connection of HTTP lives by default.
    expect((await leaseOf(display, '?wait=free&timeoutMs=12000')).holder.kind).toBe('person');
    let isFree = false;
    const waiting = leaseOf(display, '?wait=free&timeoutMs=60000').then((lease) => {
      isFree = true;
      return lease;
    });
    await leaseOf(display);
    expect(isFree).toBe(false);
    await ann.handBack();
    expect((await waiting).holder.kind).toBe('nobody');
    await perform(display, { do: 'move', to: [1, 1] });
    await free();
  });

  test('a person takes over from another, who is told', async () => {
    await ann.take();
    await ben.take();
    await ann.sees('other');
    expect(ann.view?.lost).toBe('takenOver');
    ann.viewer.pointer(7, 7);
    ben.viewer.pointer(9, 9);
    await until(() => isAt(9, 9));
    await ben.handBack();
  });

  test('who disconnects has handed back, and nothing stays pressed', async () => {
    const cat = await LeasePerson.open(display);
    await cat.take();
    cat.viewer.pointer(30, 30, 1);
    cat.viewer.send({ type: 'keyEvent', keysym: shiftKeysym, down: true });
    await until(async () => ((await pointer()).keyMask & (button1 | 1)) === (button1 | 1));
    cat[Symbol.dispose]();
    await ann.sees('nobody');
    expect((await leaseOf(display)).events.at(-1)).toMatchObject({ event: 'returned', why: 'disconnected' });
    await until(async () => !(await anythingDown()));
  });

  test('the connection about the lease alone may break: the viewer keeps the input, and its page comes back', async () => {
    const pageToken = randomHex(16);
    using viewer = await RfbViewer.open(display, { pageToken, isWatching: false });
    const first = openLeaseSocket(display, pageToken);
    await until(() => first.readyState === WebSocket.OPEN);
    first.send('{"op":"take"}');
    await ann.sees('other');
    first.close();
    const second = openLeaseSocket(display, pageToken);
    const heard = new Promise<string>((resolve) =>
      second.addEventListener('message', ({ data }) => resolve(new TextDecoder().decode(data))),
    );
    expect(JSON.parse(await heard)).toEqual({ holder: 'you', isPrivate: false });
    viewer.pointer(77, 78);
    await until(() => isAt(77, 78));
    // The page connects its desktop again before the server has noticed that the first connection is dead.
    using again = await RfbViewer.open(display, { pageToken, isWatching: false });
    expect((await viewer.closed).code).toBe(4409);
    await ann.sees('nobody');
    expect(again.isIn).toBe(true);
    second.close();
  });

  test('private withholds pictures and the clipboard from agents, in every way, until it is handed back', async () => {
    await ann.take();
    const waits = act(display, { actions: [{ do: 'wait', ms: 300 }], screenshot: {} }).catch(String);
    await ann.setPrivate(true);
    expect(await waits).toContain('SCREEN_WITHHELD');
    expect(await code(display.control('/screenshot'))).toEqual([409, 'SCREEN_WITHHELD']);
    expect(await code(display.request('/api/screenshot?format=jpeg'))).toEqual([409, 'SCREEN_WITHHELD']);
    expect(await code(display.request('/api/get_screenshot'))).toEqual([409, 'SCREEN_WITHHELD']);
    expect(await code(postActions(display, '{"actions":[],"screenshot":{}}'))).toEqual([409, 'SCREEN_WITHHELD']);
    for (const action of [{ do: 'screenshot' }, { do: 'zoom', region: [0, 0, 9, 9] }, { do: 'copied' }] as const) {
      const { results } = await act(display, { actions: [structuredClone(action) as never] });
      expect(results[0]?.error?.code).toBe('SCREEN_WITHHELD');
    }
    const both = await act(display, { actions: [{ do: 'click' }], screenshot: {} });
    expect(both.results[0]?.error?.code).toBe('INPUT_HELD');
    expect(both.screenshot).toBeUndefined();
    expect((await leaseOf(display)).holder).toEqual({ kind: 'person', user: 'kasm_user', isPrivate: true });
    // Size, windows and status say nothing of what is on the screen.
    await perform(display, { do: 'size' }, { do: 'windows' });
    await ann.handBack();
    expect((await display.control('/screenshot')).status).toBe(200);
    expect((await display.request('/api/get_screenshot')).status).toBe(200);
  });

  test('help is asked for, seen by people, and answered by taking over and handing back', async () => {
    const asked = await postLease(display, { op: 'help', message: 'please enter\nthe code \u001b[1m' });
    expect(await asked.json()).toMatchObject({ help: { message: 'please enter the code [1m' } });
    await until(() => ann.view?.help?.message === 'please enter the code [1m');
    using late = await LeasePerson.open(display);
    expect(late.view?.help?.message).toBe('please enter the code [1m');
    await ann.take();
    expect((await leaseOf(display)).help).toBeDefined();
    await ann.handBack();
    await until(() => late.view?.help === undefined);
    await postLease(display, { op: 'help', message: 'again' });
    await postLease(display, { op: 'withdraw' });
    expect((await leaseOf(display)).events.slice(-2)).toMatchObject([
      { event: 'helpAsked', message: 'again' },
      { event: 'helpEnded', why: 'withdrawn' },
    ]);
  });
});

describe.skipIf(why !== undefined)(titled('a person who goes quiet', why), () => {
  test('has handed back after the time of the setting, and not while doing something', async () => {
    await using display = await TestDisplay.start({ yaml: 'user_session:\n  input_quiet_timeout: 1\n' });
    using person = await LeasePerson.open(display);
    await person.take();
    await person.setPrivate(true);
    for (let i = 0; i < 8; i++) {
      await Bun.sleep(250);
      person.viewer.pointer(10 + i, 10);
    }
    expect(person.view).toEqual({ holder: 'you', isPrivate: true });
    await person.sees('nobody');
    expect(person.view).toEqual({ holder: 'nobody', isPrivate: false, lost: 'quiet' });
    expect((await leaseOf(display)).events.at(-1)).toMatchObject({ event: 'returned', by: 'person', why: 'quiet' });
    await perform(display, { do: 'move', to: [1, 1] }, { do: 'screenshot' });
  });
});
