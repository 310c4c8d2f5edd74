import { BodyWriter } from '@bhatti/display/a11y/bus/body-writer.ts';
import type { Message } from '@bhatti/display/a11y/bus/message.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { A11yDesktop } from '../../support/a11y-desktop.ts';
import { A11yProgram, answerTree, type MadeUpTree, type Reply } from '../../support/a11y-program.ts';
import { titled } from '../../support/capability.ts';
import { whyNoDisplay } from '../../support/display-server.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('dbus-daemon');
const honest: MadeUpTree = { name: (id) => `n-${id}`, children: (id) => (id === 'root' ? ['1'] : []) };
const mine = { pid: process.pid };

describe.skipIf(why !== undefined)(titled('programs that mean no good', why), () => {
  let desktop: A11yDesktop;
  beforeAll(async () => {
    desktop = await A11yDesktop.start();
  });
  afterAll(() => desktop[Symbol.asyncDispose]());

  const join = (respond: (call: Message, name: string) => Reply) => A11yProgram.join(desktop.busPath, respond);
  const read = (more: object = {}) => desktop.tree.tree({ scope: mine, timeoutMs: 1_000, ...more });

  test('an endless tree is cut at the limits', async () => {
    const endless = { name: honest.name, children: (id: string) => [`${id}x`.slice(-60), `${id}y`.slice(-60)] };
    using program = await join((call, name) => answerTree(endless, call, name));
    const { nodes, truncated } = await read({ maxNodes: 50, timeoutMs: 10_000 });
    expect(nodes).toHaveLength(50);
    expect(truncated).toBe(true);
    expect(program.calls).toBeLessThan(10_000);
  });

  test('a tree that is one deep shaft, too', async () => {
    let made = 0;
    using _ = await join((call, name) =>
      answerTree({ name: honest.name, children: () => [String(++made)] }, call, name),
    );
    const { nodes, truncated } = await read({ timeoutMs: 10_000 });
    expect(truncated).toBe(true);
    expect(nodes.length).toBeLessThan(500);
  });

  test('elements within each other in a circle are shown once', async () => {
    const circle: Record<string, string[]> = { root: ['a', 'a'], a: ['b', 'root'], b: ['a', 'b', 'c'], c: [] };
    using _ = await join((call, name) =>
      answerTree({ name: honest.name, children: (id) => circle[id] ?? [] }, call, name),
    );
    const { nodes } = await read();
    expect(nodes.map(({ name }) => name)).toEqual(['n-root', 'n-a', 'n-b', 'n-c']);
  });

  test('long names and control characters do not come through', async () => {
    const name = (id: string) => (id === '1' ? `evil\u001b]0;x\u0007\n\u202eabc${'A'.repeat(5_000_000)}` : 'app');
    using _ = await join((call, own) => answerTree({ ...honest, name }, call, own));
    const { text, nodes } = await read({ timeoutMs: 10_000 });
    expect(nodes[1]?.name).toHaveLength(200);
    expect(text).toContain('- caption "evil]0;x abcAAAA');
    // oxlint-disable-next-line no-control-regex -- WHY: that there is none is what is tested.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test.each<[string, Reply]>([
    ['errors', 'error'],
    ['numbers where a text should be', { signature: 'u', body: new BodyWriter().u32(0xffff_ffff) }],
    ['a variant of another type', { signature: 'v', body: new BodyWriter().signature('u').u32(1) }],
    ['nothing in its replies', { signature: '', body: new BodyWriter() }],
  ])('one that has %s for everything is not shown, and nothing else happens', async (_what, reply) => {
    using program = await join(() => reply);
    using other = await join((call, name) => answerTree(honest, call, name));
    const { nodes } = await read();
    expect(nodes.map(({ name }) => name)).toEqual(['n-root', 'n-1']);
    expect(program.calls).toBeGreaterThan(0);
    expect(other.calls).toBeGreaterThan(0);
  });

  test('one that never answers keeps others waiting no longer than its time', async () => {
    using _silent = await join(() => 'silence');
    using _other = await join((call, name) => answerTree(honest, call, name));
    const { nodes, unread } = await read({ timeoutMs: 300 });
    expect(nodes.map(({ name }) => name)).toEqual(['n-root', 'n-1']);
    expect(unread).toMatchObject([{ pid: process.pid, reason: 'it did not answer within 300 ms' }]);
  });

  test('one that falls silent in the middle is shown as far as it spoke', async () => {
    const tree = { name: honest.name, children: (id: string) => (id === 'root' ? ['1', '2'] : []) };
    using _ = await join((call, name) => (call.path.endsWith('/2') ? 'silence' : answerTree(tree, call, name)));
    const { nodes, unread } = await read({ timeoutMs: 300 });
    expect(nodes.map(({ name }) => name)).toEqual(['n-root', 'n-1']);
    expect(unread).toMatchObject([{ name: 'n-root' }]);
  });

  test('an act on an element that never answers times out', async () => {
    using program = await join(() => 'silence');
    const ref = `e${program.name.slice(3)}.1`;
    expect(await rejectionOf(desktop.tree.focus({ ref, timeoutMs: 200 }))).toMatchObject({ code: 'TIMED_OUT' });
    expect(await rejectionOf(desktop.tree.locate({ ref, timeoutMs: 200 }))).toMatchObject({ code: 'TIMED_OUT' });
  });

  test('a message that is larger than any may be costs its sender the bus, and nobody else', async () => {
    const flood = { ...honest, name: () => 'A'.repeat(40_000_000) };
    using _flood = await join((call, name) => answerTree(flood, call, name));
    using _other = await join((call, name) => answerTree(honest, call, name));
    const { nodes } = await read({ timeoutMs: 10_000 });
    expect(nodes.map(({ name }) => name)).toEqual(['n-root', 'n-1']);
  });

  test('a pattern that takes for ever ends the reading process, and the next request has another', async () => {
    // A second each.
    const names = Array.from({ length: 30 }, (_, i) => String(i));
    const slow = { name: () => `${'a'.repeat(60)}!`, children: (id: string) => (id === 'root' ? names : []) };
    using _ = await join((call, own) => answerTree(slow, call, own));
    const forever = desktop.tree.find({
      scope: mine,
      name: '^(([a-z])+.)+[A-Z]([a-z])+$',
      match: 'regex',
      timeoutMs: 50,
    });
    expect(await rejectionOf(forever)).toMatchObject({ code: 'TIMED_OUT' });
    expect((await read()).nodes).toHaveLength(31);
  });

  test('without a bus there is an error of its own, and a desktop all the same', async () => {
    const { display } = desktop;
    const bus = await until(() => busPid(display.pid));
    process.kill(bus, 'SIGSTOP');
    try {
      expect(await desktop.tree.status()).toMatchObject({ available: false, programs: [] });
      expect((await display.status()).ready).toBe(true);
    } finally {
      process.kill(bus, 'SIGKILL');
    }
    // It is started again by itself.
    await until(async () => (await desktop.tree.status()).available);
  });
});

function busPid(parent: number): number | undefined {
  const found = Bun.spawnSync(['pgrep', '-P', String(parent), 'dbus-daemon'])
    .stdout.toString()
    .trim();
  return found === '' ? undefined : Number(found);
}
