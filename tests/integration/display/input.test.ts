import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { basic, TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('xterm', 'xev');

const shift = 0xffe1;
const controlL = 0xffe3;

describe.skipIf(why !== undefined)(titled('keyboard and pointer', why), () => {
  let display: TestDisplay;
  let events = '';
  let viewer: RfbViewer;
  beforeAll(async () => {
    display = await TestDisplay.start();
    const xev = display.spawn([
      'xev',
      '-geometry',
      '300x200+0+0',
      '-event',
      'keyboard',
      '-event',
      'button',
      '-event',
      'mouse',
    ]);
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of xev.stdout) events += decoder.decode(chunk, { stream: true });
    })();
    viewer = await RfbViewer.open(display);
    // Without a window manager the window under the pointer has the keyboard.
    await until(() => {
      viewer.pointer(100, 100);
      viewer.pointer(101, 101);
      return events.includes('MotionNotify');
    });
  });
  afterAll(async () => {
    viewer?.[Symbol.dispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const eventsOf = (action: () => void, last: RegExp) => {
    events = '';
    action();
    return until(
      () => last.test(events) && events,
      () => events,
    );
  };

  test('keys arrive as the keysyms that were sent, also those that the keyboard lacks', async () => {
    for (const [keysym, name] of [
      [0x61, 'a'],
      [0x41, 'A'],
      [0xe9, 'eacute'],
      [0x0100_20ac, 'U20AC'],
      [0x0100_0416, 'U0416'],
      [0xff0d, 'Return'],
    ] as const) {
      const heard = await eventsOf(() => viewer.key(keysym), /KeyRelease event[\s\S]*keysym[^\n]*\n/);
      expect(heard).toContain(`, ${name})`);
    }
  });

  test('QEMU key events arrive too', async () => {
    const send = (down: boolean) => viewer.send({ type: 'qemuExtendedKeyEvent', keysym: 0x62, keycode: 0x30, down });
    const heard = await eventsOf(() => [true, false].forEach(send), /KeyRelease event[\s\S]*keysym[^\n]*\n/);
    expect(heard).toContain(', b)');
  });

  test('buttons, both wheels, back and forward arrive as the buttons that X gives them', async () => {
    for (let button = 1; button <= 9; button++) {
      const mask = 1 << (button - 1);
      const press = () => {
        viewer.pointer(120, 90, mask);
        viewer.pointer(120, 90, 0);
      };
      const heard = await eventsOf(press, new RegExp(`ButtonRelease event[\\s\\S]*button ${button},`));
      expect(heard).toMatch(new RegExp(`ButtonPress event[\\s\\S]*\\(120,90\\)[\\s\\S]*button ${button},`));
    }
  });

  test('what a viewer holds is let go when it leaves', async () => {
    const holder = await RfbViewer.open(display);
    await eventsOf(() => {
      holder.send({ type: 'keyEvent', keysym: controlL, down: true });
      holder.send({ type: 'keyEvent', keysym: shift, down: true });
      holder.pointer(130, 95, 1);
    }, /ButtonPress/);
    const heard = await eventsOf(() => holder[Symbol.dispose](), /ButtonRelease event[\s\S]*button 1,/);
    await until(
      () => /Control_L\)/.test(events) && /Shift_L\)/.test(events),
      () => events,
    );
    expect(heard).not.toContain('KeyPress');
  });

  test('a viewer that may only look cannot act', async () => {
    const link = join(display.dir, 'kasmvncpasswd');
    Bun.spawnSync(['ln', '-s', display.executable, link]);
    const add = Bun.spawnSync([link, '-u', 'watcher', '-r', display.passwordFile], {
      stdin: Buffer.from('nothing\nnothing\n'),
    });
    expect(add.exitCode).toBe(0);
    const authorization = basic('watcher', 'nothing');
    await until(async () => (await display.request('/', { headers: { Authorization: authorization } })).status === 200);
    using watcher = await RfbViewer.open(display, { authorization });
    const heard = await eventsOf(() => {
      watcher.key(0x78);
      watcher.pointer(10, 10, 1);
      watcher.send({ type: 'clientCutText', text: 'no' });
    }, /^$/);
    expect(heard).toBe('');
    // What the other viewer sends afterwards arrives alone.
    await until(() => watcher.updates > 0);
    expect(await eventsOf(() => viewer.key(0x79), /KeyRelease event[\s\S]*, y\)/)).not.toContain(', x)');
  });

  test('text typed by a viewer reaches a program, whatever its script', async () => {
    const file = join(display.home, 'typed');
    display.spawn(['xterm', '-u8', '-geometry', '60x10+320+0', '-e', 'sh', '-c', `cat > ${file}`]);
    const text = 'Hello, Wörld! €5 ~ Жук {x|y} "q"\n';
    await until(
      async () => {
        viewer.pointer(400, 50);
        if (!existsSync(file)) return false;
        return (await display.run('xprop', '-root')).length > 0;
      },
      () => 'the terminal does not run',
    );
    await until(
      async () => {
        viewer.pointer(401, 51);
        viewer.type(text);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return readFileSync(file, 'utf8').includes(text);
      },
      () => readFileSync(file, 'utf8'),
    );
  });
});
