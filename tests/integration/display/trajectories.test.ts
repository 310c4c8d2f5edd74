import type { Replay, Trajectory, TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { act } from '../../support/operator.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('xterm', 'chromium');

describe.skipIf(why !== undefined)(titled('trajectories', why), () => {
  let display: TestDisplay;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 800, height: 500 });
    display.spawn(['xterm', '-geometry', '80x20+50+40', '-e', 'cat']);
    await act(display, { actions: [{ do: 'waitChange' }, { do: 'settle', quietMs: 200 }] });
  });
  afterAll(() => display[Symbol.asyncDispose]());

  const send = (path: string, init: RequestInit = {}) =>
    fetch(`http://display/trajectories${path}`, { unix: display.controlSocket, keepalive: false, ...init });
  const post = async <T>(body: unknown) => {
    const response = await send('', { method: 'POST', body: JSON.stringify(body) });
    // SAFETY: what is asserted is looked at by the assertion.
    return { status: response.status, json: (await response.json()) as T & { code?: string } };
  };
  // SAFETY: as above.
  const list = async () => (await (await send('')).json()) as Trajectory[];
  const steps = async (name: string) =>
    (await (await send(`/${name}`)).text())
      .trim()
      .split('\n')
      // SAFETY: as above.
      .map((line) => JSON.parse(line) as TrajectoryStep);

  test('what is done while it is recorded is there, with a picture after each step', async () => {
    expect(await list()).toEqual([]);
    expect((await post<Trajectory>({ op: 'start', name: 'first' })).json).toMatchObject({
      name: 'first',
      recording: true,
    });
    await act(display, {
      actions: [
        { do: 'click', at: [200, 100] },
        { do: 'type', text: 'recorded\n' },
      ],
      settle: {},
      screenshot: {},
    });
    await act(display, { actions: [{ do: 'type', text: 'hunter2', sensitive: true }] });
    await act(display, { actions: [{ do: 'click', at: [5000, 0] }] });
    expect((await post({ op: 'start' })).json).toMatchObject({ code: 'LOCKED' });
    expect((await post<Trajectory>({ op: 'stop' })).json).toMatchObject({ name: 'first', steps: 3, recording: false });
    await act(display, { actions: [{ do: 'type', text: 'not recorded' }] });

    const [first, second, third] = await steps('first');
    expect(first).toMatchObject({
      step: 1,
      picture: '000001.jpeg',
      reply: { ok: true, results: [{ do: 'click' }, { do: 'type', changed: true }] },
    });
    expect(first?.reply.screenshot).toBeUndefined();
    expect(second).toMatchObject({ redacted: true, batch: { actions: [{ do: 'type', text: '' }] } });
    expect(second?.picture).toBeUndefined();
    expect(third?.reply).toMatchObject({ ok: false, results: [{ error: { code: 'INVALID_ARGUMENT' } }] });
    const jpeg = new Uint8Array(await (await send('/first/000001.jpeg')).arrayBuffer());
    expect([...jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(await list()).toMatchObject([{ name: 'first', steps: 3 }]);
    const kept = readdirSync(dir('first'))
      .map((file) => readFileSync(join(dir('first'), file), 'latin1'))
      .join();
    expect(kept).not.toContain('hunter2');
  });

  test('the page shows the steps, their pictures, and where they pointed', async () => {
    await using browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const page = await browser.newPage({
      httpCredentials: { username: 'kasm_user', password: display.password },
      viewport: { width: 1280, height: 720 },
    });
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`http://127.0.0.1:${display.port}/trajectories`);
    await until(async () => (await page.locator('#summary').textContent()) === '3 steps, 1 failed');
    await until(() => page.evaluate<boolean>('document.querySelector("#picture").naturalWidth > 0'));
    expect(await page.locator('#steps button').count()).toBe(3);
    expect(await page.locator('#marks circle').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[aria-current=step]').textContent()).toContain('type something secret');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[aria-current=step]').textContent()).toContain('INVALID_ARGUMENT');
    if (process.env['BHATTI_PICTURES'] !== undefined)
      await page.screenshot({ path: join(process.env['BHATTI_PICTURES'], 'trajectory.png') });
    expect(problems).toEqual([]);
  });

  test('a trajectory is done again, up to what is not kept', async () => {
    await post({ op: 'start', name: 'again' });
    await act(display, {
      actions: [
        { do: 'click', at: [200, 100] },
        { do: 'type', text: 'again\n' },
      ],
      settle: {},
    });
    await act(display, { actions: [{ do: 'cursor' }] });
    await post({ op: 'stop' });
    const before = (await display.status()).frameSerial;
    expect((await post<Replay>({ op: 'replay', name: 'again' })).json).toMatchObject({ steps: 2, done: 2, ok: true });
    expect((await display.status()).frameSerial).toBeGreaterThan(before);
    const first = (await post<Replay>({ op: 'replay', name: 'first' })).json;
    expect(first).toMatchObject({ steps: 3, done: 1, ok: false, error: { code: 'INVALID_ARGUMENT' } });
  });

  test('names lead nowhere else, and what was tampered with is an error', async () => {
    for (const path of [
      '/..%2f..%2fetc',
      '/..',
      '/first/..%2fstarted',
      '/first/started',
      '/none',
      '/first/999999.jpeg',
    ])
      expect([path, [400, 404].includes((await send(path)).status)]).toEqual([path, true]);
    for (const name of ['..', 'a/b', '', 'x'.repeat(65), '-x'])
      expect((await post({ op: 'start', name })).status).toBe(400);
    expect((await post({ op: 'start', name: 'first' })).json.code).toBe('ALREADY_EXISTS');
    expect((await post({ op: 'dance' })).status).toBe(400);
    appendFileSync(join(dir('again'), 'steps.jsonl'), '{"step":3,"batch":{"actions":[{"do":"nothing"}]}}\n');
    expect((await post<Replay>({ op: 'replay', name: 'again' })).json).toMatchObject({ done: 2, ok: false });
    expect((await send('/again', { method: 'DELETE' })).status).toBe(204);
    expect((await list()).map(({ name }) => name)).toEqual(['first']);
  });

  const dir = (name: string) => join(display.home, '.local/share/bhatti/trajectories', name);
});
