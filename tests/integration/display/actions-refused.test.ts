import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { act, heldButton1, heldMask, heldShift, perform, postActions } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay();

describe.skipIf(why !== undefined)(titled('actions that cannot be', why), () => {
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

  const refusal = async (body: string) => {
    const response = await postActions(display, body);
    // SAFETY: what is asserted is looked at by the assertion.
    return { status: response.status, ...((await response.json()) as { code: string; message: string }) };
  };

  test.each([
    ['no JSON', '{', 'not JSON'],
    ['no batch', '[]', 'actions'],
    ['an unknown action', '{"actions":[{"do":"dance"}]}', 'actions.0.do'],
    ['an unknown field', '{"actions":[{"do":"click","where":[1,2]}]}', 'where'],
    ['half a point', '{"actions":[{"do":"click","at":[1]}]}', 'actions.0.at'],
    ['a point that is no number', '{"actions":[{"do":"click","at":[1,"2"]}]}', 'actions.0.at'],
    ['an unknown button', '{"actions":[{"do":"click","button":"fourth"}]}', 'button'],
    [
      '10 000 actions',
      JSON.stringify({ actions: Array.from({ length: 10_000 }, () => ({ do: 'cursor' })) }),
      'actions',
    ],
    ['a text of a megabyte', JSON.stringify({ actions: [{ do: 'type', text: 'x'.repeat(1_000_000) }] }), 'text'],
    ['a space without pixels', '{"actions":[],"space":{"width":0,"height":5}}', 'space.width'],
  ])('%s is refused whole', async (_, body, says) => {
    const { status, code, message } = await refusal(body);
    expect([status, code]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(message).toContain(says);
  });

  test('more than can be read is refused', async () => {
    expect(await refusal(JSON.stringify({ actions: [], padding: 'x'.repeat(3_000_000) }))).toMatchObject({
      status: 413,
      code: 'MESSAGE_TOO_LARGE',
    });
  });

  test('a method that is none is refused', async () => {
    expect((await display.control('/actions')).status).toBe(405);
  });

  test.each([
    [{ do: 'click', at: [640, 10] }, 'INVALID_ARGUMENT', '640, 10'],
    [{ do: 'click', at: [-1, 10] }, 'INVALID_ARGUMENT', 'outside'],
    [{ do: 'key', keys: 'ctrl+nonsense' }, 'INVALID_ARGUMENT', 'no key is called "nonsense"'],
    [{ do: 'key', keys: 'constructor' }, 'INVALID_ARGUMENT', 'no key is called'],
    [{ do: 'zoom', region: [10, 10, 10, 10] }, 'INVALID_ARGUMENT', 'region'],
    [{ do: 'window', id: 12_345, op: 'focus' }, 'NOT_FOUND', '12345'],
    [{ do: 'launch', app: 'no-such-program' }, 'TOOL_MISSING', 'no-such-program'],
    [{ do: 'resize', width: 16_384, height: 16_384 }, 'INVALID_ARGUMENT', 'too large'],
    [{ do: 'waitChange', timeoutMs: 100 }, 'TIMED_OUT', '100 ms'],
    [{ do: 'waitWindow', title: 'nothing like it', timeoutMs: 100 }, 'TIMED_OUT', 'nothing like it'],
  ] as const)('%j fails as %s, and the batch stops there', async (action, code, says) => {
    const reply = await act(display, { actions: [structuredClone(action) as never, { do: 'cursor' }] });
    expect(reply.ok).toBe(false);
    expect(reply.results[0]?.error).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(reply.results[1]).toMatchObject({ ok: false, skipped: true });
  });

  test('0, 0 and the last pixel are places', async () => {
    for (const at of [
      [0, 0],
      [639, 399],
    ] as [number, number][]) {
      await perform(display, { do: 'move', to: at });
      const { results } = await perform(display, { do: 'cursor' });
      expect([results[0]?.x, results[0]?.y]).toEqual(at);
    }
  });

  test('a batch whose caller goes away lets go of what it held, and the next one is carried out', async () => {
    const gone = new AbortController();
    const asked = postActions(
      display,
      JSON.stringify({ actions: [{ do: 'keydown', keys: 'shift' }, { do: 'down' }, { do: 'wait', ms: 60_000 }] }),
      gone.signal,
    );
    await until(async () => (await heldMask(painter.x)) === (heldShift | heldButton1));
    gone.abort();
    expect(asked).rejects.toThrow();
    await perform(display, { do: 'cursor' });
    expect(await heldMask(painter.x)).toBe(0);
  });
});
