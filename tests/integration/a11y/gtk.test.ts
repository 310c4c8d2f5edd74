import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { A11yDesktop } from '../../support/a11y-desktop.ts';
import { titled } from '../../support/capability.ts';
import { whyNoDisplay } from '../../support/display-server.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('mousepad', 'dbus-daemon', 'xdotool');

describe.skipIf(why !== undefined)(titled('a GTK program as text', why), () => {
  let desktop: A11yDesktop;
  let editor: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;

  beforeAll(async () => {
    desktop = await A11yDesktop.start();
    editor = desktop.spawn('mousepad', '--disable-server');
    await desktop.seen(({ role, name }) => role === 'menu' && name === 'File');
  });
  afterAll(() => desktop[Symbol.asyncDispose]());

  const textbox = () => desktop.seen(({ role }) => role === 'textbox');

  test('has its window, menus and text, each with a ref and a place', async () => {
    const { text, nodes, unread, truncated } = await desktop.tree.tree({ scope: 'all' });
    expect({ unread, truncated }).toEqual({ unread: [], truncated: false });
    expect(text).toMatch(/^- application "mousepad" \[ref=e\d+\.root\] pid=\d+\n {2}- window ".*Mousepad"/);
    expect(text).toMatch(/\n {4,}- menu "File" \[ref=e\d+\.\d+\] \(\d+,\d+ \d+x\d+\)\n/);
    expect(nodes.map(({ ref }) => ref)).toEqual([...new Set(nodes.map(({ ref }) => ref))]);
    // Closed menus are not there.
    expect(text).not.toContain('"Quit"');
  });

  test('a text is set, and read back; its ref stays what it is', async () => {
    const { ref } = await textbox();
    await desktop.tree.setValue({ ref, value: 'Grüße,\n世界' });
    expect(await textbox()).toMatchObject({ ref, value: 'Grüße,\n世界' });
  });

  test('a click where an element is located reaches it', async () => {
    const { ref, bounds } = await desktop.seen(({ name, role }) => name === 'File' && role === 'menu');
    const { x, y, pid } = await desktop.tree.locate({ ref });
    expect(bounds).toBeDefined();
    expect(x).toBeGreaterThan(bounds?.x ?? Infinity);
    expect(y).toBeLessThan((bounds?.y ?? 0) + (bounds?.height ?? 0));
    expect(pid).toBe(editor.pid);
    await desktop.display.run('xdotool', 'mousemove', String(x), String(y), 'click', '1');
    await desktop.seen(({ name, role }) => role === 'menuitem' && name.startsWith('Quit'));
    await desktop.display.run('xdotool', 'key', 'Escape');
  });

  test('invoke does what a click does, and knows the actions by name', async () => {
    const { ref } = await desktop.seen(({ name, role }) => name === 'Help' && role === 'menu');
    expect(await desktop.tree.invoke({ ref })).toEqual({ ref, action: 'click' });
    const about = await desktop.seen(({ name }) => name === 'About');
    expect(await rejectionOf(desktop.tree.invoke({ ref: about.ref, action: 'fly' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `cannot invoke element "${about.ref}": it has no action "fly", only "click"`,
    });
    await desktop.tree.invoke({ ref: about.ref, action: 'Click' });
    const dialog = await desktop.seen(({ name, role }) => role === 'dialog' && name.includes('About'));
    const close = await desktop.seen(({ name, role }) => role === 'button' && name === 'Close');
    await desktop.tree.invoke({ ref: close.ref });
    await until(async () => {
      const { nodes } = await desktop.tree.tree({ scope: 'all' });
      return !nodes.some(({ ref: one }) => one === dialog.ref);
    });
  });

  test('a label holds nothing that can be set', async () => {
    const { ref } = await desktop.seen(({ name, role }) => name === 'File' && role === 'menu');
    expect(await rejectionOf(desktop.tree.setValue({ ref, value: 'x' }))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('find gives what fits: by role, name and states', async () => {
    const { elements } = await desktop.tree.find({ role: 'menu', name: 'fil' });
    expect(elements.map(({ name }) => name)).toEqual(['File']);
    const menus = await desktop.tree.find({ role: 'menu', limit: 2 });
    expect(menus).toMatchObject({ elements: [{ name: 'File' }, { name: 'Edit' }], truncated: true });
    expect((await desktop.tree.find({ name: '^(File|Help)$', match: 'regex' })).elements).toHaveLength(2);
  });

  test('depth and number of elements are bounded, and the text says so', async () => {
    const shallow = await desktop.tree.tree({ scope: { pid: editor.pid }, maxDepth: 2 });
    expect(shallow.nodes.map(({ depth }) => depth)).toEqual([0, 1]);
    const few = await desktop.tree.tree({ scope: { pid: editor.pid }, maxNodes: 3 });
    expect(few.nodes).toHaveLength(3);
    expect(few.text).toEndWith('\n- more is there than is shown\n');
  });

  test('labels are for what can be used and is in sight', async () => {
    const labelled = await desktop.tree.labelled({ scope: 'all' });
    expect(labelled.map(({ name }) => name)).toEqual(expect.arrayContaining(['File', 'Edit', 'Help']));
    expect(labelled.every(({ bounds }) => bounds !== undefined)).toBe(true);
    expect(labelled.map(({ label }) => label)).toEqual(labelled.map((_, i) => i + 1));
  });

  test('that is not on the bus is an error that says which', async () => {
    expect(await rejectionOf(desktop.tree.tree({ scope: { pid: process.pid } }))).toMatchObject({
      code: 'A11Y_UNAVAILABLE',
      details: { reason: 'program' },
    });
  });

  test('outlives the streaming process on the bus', async () => {
    const before = desktop.display.streamingPid();
    if (before !== undefined) process.kill(before, 'SIGKILL');
    await until(async () => {
      const now = desktop.display.streamingPid();
      return now !== undefined && now !== before;
    });
    await textbox();
  });

  test('that stops answering is named, and others are shown', async () => {
    const other = desktop.spawn('mousepad', '--disable-server');
    await desktop.seen(({ role, pid }) => role === 'textbox' && pid === other.pid);
    process.kill(editor.pid, 'SIGSTOP');
    try {
      const { nodes, unread, text } = await desktop.tree.tree({ scope: 'all', timeoutMs: 400 });
      expect(unread).toEqual([{ pid: editor.pid, name: 'mousepad', reason: 'it did not answer within 400 ms' }]);
      expect(text).toContain(`- application "mousepad" pid=${editor.pid}: not read: it did not answer`);
      expect(new Set(nodes.map(({ pid }) => pid))).toEqual(new Set([other.pid]));
    } finally {
      process.kill(editor.pid, 'SIGCONT');
      other.kill();
    }
  });

  test('said nothing about accessibility when it started', async () => {
    const quiet = desktop.spawn('mousepad', '--disable-server');
    await desktop.seen(({ role, pid }) => role === 'textbox' && pid === quiet.pid);
    quiet.kill();
    const said = await new Response(quiet.stderr).text();
    expect(said.split('\n').filter((line) => /at-spi|atk/i.test(line))).toEqual([]);
  });

  test('that has ended leaves refs that are errors', async () => {
    const { ref } = await textbox();
    editor.kill('SIGKILL');
    await editor.exited;
    await until(async () => (await desktop.tree.status()).programs.length === 0);
    for (const act of [
      () => desktop.tree.locate({ ref }),
      () => desktop.tree.focus({ ref }),
      () => desktop.tree.invoke({ ref }),
      () => desktop.tree.setValue({ ref, value: 'x' }),
    ]) {
      expect(await rejectionOf(act())).toMatchObject({ code: 'ELEMENT_GONE', details: { ref } });
    }
  });
});
