import { rightsOf } from '@bhatti/display/credentials/password-file.ts';
import { LoginGate } from '@bhatti/display/transport/login-gate.ts';
import { listenVnc, type VncLimits } from '@bhatti/display/transport/vnc-port.ts';
import { hashPassword } from '@bhatti/sys/crypt.ts';
import { makeTlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type AddressInfo, connect, createServer } from 'node:net';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';
import { coarse, untilShown, vncPortOf, VncPrograms } from '../../support/vnc-programs.ts';
import { VncStranger } from '../../support/vnc-stranger.ts';
import { XPainter } from '../../support/x-painter.ts';

const why = whyNoDisplay('xtigervncviewer', 'gvnccapture', 'tcc', 'xdotool', 'xev', 'script', 'unshare');
const yaml = 'network:\n  protocol: vnc\n';
/** What libvncclient asks for. */
const libVncClientMax = {
  8: { redMax: 7, greenMax: 7, blueMax: 3 },
  16: { redMax: 31, greenMax: 31, blueMax: 31 },
  32: { redMax: 255, greenMax: 255, blueMax: 255 },
} as const;
const watcher = { user: 'watcher', password: 'only looks' };

describe.skipIf(why !== undefined)(titled('the port for VNC programs', why), () => {
  let display: TestDisplay;
  let programs: VncPrograms;
  let painter: XPainter;
  beforeAll(async () => {
    display = await TestDisplay.start({ yaml });
    programs = await VncPrograms.open(display);
    painter = await XPainter.open(display);
    await painter.paint({ x: 20, y: 10, width: 400, height: 300 });
    const link = join(display.dir, 'kasmvncpasswd');
    Bun.spawnSync(['ln', '-s', display.executable, link]);
    Bun.spawnSync([link, '-u', watcher.user, '-r', display.passwordFile], {
      stdin: Buffer.from(`${watcher.password}\n${watcher.password}\n`),
    });
  });
  afterAll(async () => {
    painter?.[Symbol.dispose]();
    await programs?.[Symbol.asyncDispose]();
    await display?.[Symbol.asyncDispose]();
  });

  const login = () => ({ user: 'kasm_user', password: display.password });

  for (const { what, options } of [
    { what: 'TLSPlain', options: ['-SecurityTypes=TLSPlain'] },
    { what: 'X509Plain and Tight', options: ['-SecurityTypes=X509Plain', '-AutoSelect=0', '-PreferredEncoding=Tight'] },
    { what: 'X509Plain and ZRLE', options: ['-SecurityTypes=X509Plain', '-AutoSelect=0', '-PreferredEncoding=ZRLE'] },
    {
      what: 'TLSPlain and raw pixels',
      options: ['-SecurityTypes=TLSPlain', '-AutoSelect=0', '-PreferredEncoding=Raw'],
    },
  ]) {
    test(`TigerVNC’s viewer shows the exact pixels by ${what}`, async () => {
      await using viewer = programs.vncViewer(login(), ...options);
      await untilShown(display, viewer.picture);
      await painter.paint({ x: 100, y: 50, width: 200, height: 200 });
      await untilShown(display, viewer.picture);
    });
  }

  for (const { level, max } of [
    { level: '2', max: { redMax: 7, greenMax: 7, blueMax: 3 } },
    { level: '1', max: { redMax: 3, greenMax: 3, blueMax: 3 } },
  ]) {
    test(`TigerVNC’s viewer shows the nearest colours of its 8-bit level ${level}`, async () => {
      await using viewer = programs.vncViewer(
        login(),
        '-SecurityTypes=TLSPlain',
        '-AutoSelect=0',
        '-FullColor=0',
        `-LowColorLevel=${level}`,
      );
      // Where the shifts are does not matter to what is seen.
      const asSent = coarse({ bitsPerPixel: 32, ...max });
      await untilShown(display, viewer.picture, { asSent, tolerance: 1 });
    });
  }

  for (const bits of [8, 16, 32] as const) {
    for (const encoding of ['zrle', 'tight', 'raw']) {
      test(`a program on libvncclient shows ${bits} bits a pixel by ${encoding}`, async () => {
        await using viewer = programs.libVncClient(login(), { bits, encoding });
        const asSent = coarse({ bitsPerPixel: bits, ...libVncClientMax[bits] });
        await untilShown(display, viewer.picture, { asSent, tolerance: bits === 32 ? 0 : 1 });
      });
    }
  }

  test('gvnccapture takes the picture', async () => {
    const captured = await programs.gvncCapture(login());
    const wanted = await display.pixels();
    expect([captured?.width, captured?.height]).toEqual([wanted.width, wanted.height]);
    expect(captured?.words.findIndex((word, i) => word !== wanted.words[i])).toBe(-1);
  });

  test('a wrong password is refused, and a right one not by a wrong name', async () => {
    const { password } = display;
    await using viewer = programs.libVncClient({ user: 'kasm_user', password: 'wrong' }, {});
    expect(await viewer.exited).toBe(1);
    expect(await viewer.complaints()).toContain('user name or password is wrong');
    expect(await programs.gvncCapture({ user: 'kasm_user', password: 'wrong' })).toBeUndefined();
    for (const [user, secret] of [
      ['nobody', password],
      ['', ''],
      ['kasm_user', `${password}\0`],
      ['kasm_user:', password],
    ] as const) {
      using stranger = new VncStranger(vncPortOf(display));
      expect(await stranger.logIn(user, secret)).toContain('wrong');
      await stranger.closed;
    }
  });

  test('whoever may act, acts; a user without the right to write sees the same and acts in vain', async () => {
    const xev = display.spawn(['xev', '-geometry', '200x90+420+300', '-event', 'keyboard']);
    let events = '';
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of xev.stdout) events += decoder.decode(chunk, { stream: true });
    })();
    using pointer = await RfbViewer.open(display);
    const press = async (who: { user: string; password: string }, keysym: number) =>
      expect(await programs.libVncClient(who, { keysym }).exited).toBe(0);
    await until(async () => {
      pointer.pointer(500, 350);
      await press(login(), 0x61);
      return events.includes('keysym 0x61, a');
    });
    await press(watcher, 0x78);
    await press(login(), 0x7a);
    await until(() => events.includes('keysym 0x7a, z'));
    expect(events).not.toContain('keysym 0x78');
    await using viewer = programs.libVncClient(watcher, {});
    await untilShown(display, viewer.picture);
    xev.kill();
  });

  test('it speaks VeNCrypt and nothing else', async () => {
    for (const said of [
      ['RFB 003.008\n', 1],
      ['RFB 003.008\n', 2],
      ['RFB 003.003\n', 1],
      ['RFB 003.008\n', 19, 0, 2, 0, 0, 1, 0],
      ['GET / HTTP/1.1\r\n\r\n'],
      ['RFB 003.008\n', 19, 0, 2, 0, 0, 1, 6, 'this is no TLS at all'],
    ]) {
      using stranger = new VncStranger(vncPortOf(display));
      stranger.say(...said);
      await stranger.closed;
    }
    using polite = new VncStranger(vncPortOf(display));
    polite.say('RFB 003.008\n');
    expect((await polite.hear(14)).subarray(12)).toEqual(Buffer.of(1, 19));
  });

  test('a login that is longer than any may be ends the connection', async () => {
    using stranger = new VncStranger(vncPortOf(display));
    await stranger.beginTls();
    stranger.say(0, 0, 1, 0, 0, 0, 0, 0);
    await stranger.closed;
  });

  test('a viewer that stops reading and goes on asking must go, after bounded memory, and costs the others nothing', async () => {
    using stalled = new VncStranger(vncPortOf(display));
    expect(await stalled.logIn('kasm_user', display.password)).toBeUndefined();
    stalled.say(1);
    await stalled.hear(24);
    using other = await RfbViewer.open(display);
    await untilExact(display, other);
    stalled.stream.pause();
    stalled.socket.pause();
    const residentKib = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${display.streamingPid()}/status`, 'utf8'))?.[1]);
    const before = residentKib();
    // Requests that each have an answer: far more than all buffers on the way hold.
    const fence = Uint8Array.of(248, 0, 0, 0, 0x80, 0, 0, 0, 60, ...new Uint8Array(60));
    const fences = Buffer.concat(Array.from({ length: 1000 }, () => fence));
    for (let i = 0; i < 1000; i++) stalled.stream.write(fences);
    for (let i = 0; i < 5; i++) {
      await painter.paint({ x: 20, y: 10, width: 600, height: 380 });
      await untilExact(display, other);
    }
    expect(residentKib() - before).toBeLessThan(48 * 1024);
    await until(async () => (await display.status()).viewers === 1);
  });

  test('a user who is deleted must go', async () => {
    await using viewer = programs.libVncClient(watcher, {});
    await until(() => viewer.picture());
    // Logged in, and not in yet.
    using late = new VncStranger(vncPortOf(display));
    expect(await late.logIn(watcher.user, watcher.password)).toBeUndefined();
    const [owner] = readFileSync(display.passwordFile, 'utf8').split('\n');
    writeFileSync(display.passwordFile, `${owner}\n`);
    expect(await viewer.exited).toBe(2);
    late.say(1);
    await until(() => late.isClosed);
    using stranger = new VncStranger(vncPortOf(display));
    expect(await stranger.logIn(watcher.user, watcher.password)).toContain('wrong');
  });

  test('its certificate is made once, for root only, and stays when the server starts again', async () => {
    const file = join(display.rootHome, 'tls.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    await using viewer = programs.vncViewer(login(), '-SecurityTypes=X509Plain');
    await untilShown(display, viewer.picture);
    expect(await display.stopServer()).toBe(0);
    await viewer.exited;
    expect(await accepts(vncPortOf(display))).toBe(false);
    await display.startServer();
    expect(readFileSync(file, 'utf8')).toBe(before);
    await using again = programs.vncViewer(login(), '-SecurityTypes=X509Plain');
    await untilShown(display, again.picture);
  });
});

describe.skipIf(why !== undefined)(titled('opening the port for VNC programs', why), () => {
  const refusal = async (text: string, flags: readonly string[] = []) => {
    try {
      await using display = await TestDisplay.start({ yaml: text, flags });
      return `it started on :${display.display}`;
    } catch (error) {
      return String(error);
    }
  };

  test('is off unless it is asked for; the port for browsers stays', async () => {
    await using plain = await TestDisplay.start();
    expect(await accepts(vncPortOf(plain))).toBe(false);
    expect(existsSync(join(plain.rootHome, 'tls.pem'))).toBe(false);
    await using asked = await TestDisplay.start({ flags: ['-noWebsocket'] });
    expect(await accepts(vncPortOf(asked))).toBe(true);
    expect((await asked.request('/')).status).toBe(200);
    // Loopback only, whatever the port for browsers listens on.
    expect(await accepts(vncPortOf(asked), '127.0.0.2')).toBe(false);
  });

  test('listens where it is told, with the certificate it is given', async () => {
    await using made = await TestDisplay.start({ yaml });
    const pem = join(made.rootHome, 'tls.pem');
    const text = `${yaml}  vnc:\n    interface: 127.0.0.2\n    port: 47321\n  ssl:\n    pem_certificate: ${pem}\n`;
    await using told = await TestDisplay.start({ yaml: text });
    expect(await accepts(47_321, '127.0.0.2')).toBe(true);
    expect(await accepts(47_321)).toBe(false);
    expect(existsSync(join(told.rootHome, 'tls.pem'))).toBe(false);
  });

  test('with a certificate that is missing, or with another’s key, is refused in one line', async () => {
    expect(await refusal(`${yaml}  ssl:\n    pem_certificate: /nowhere.pem\n`)).toMatch(
      /ended with 2:\nerror: cannot read the certificate or key "\/nowhere.pem": ENOENT[^\n]*\n$/,
    );
    expect(await refusal(yaml, ['-key', '/nowhere.pem'])).toMatch(
      /ended with 2:\nerror: cannot use flag "-key" "\/nowhere.pem": [^\n]*\n$/,
    );
    await using display = await TestDisplay.start({ yaml });
    const own = join(display.rootHome, 'tls.pem');
    const other = join(display.rootHome, 'other.pem');
    await Bun.$`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout ${other} -out /dev/null`.quiet();
    expect(await refusal(yaml, ['-cert', own, '-key', other])).toMatch(
      /ended with 2:\nerror: cannot use certificate "[^"]*" with key "[^"]*": [^\n]* do not match\n$/,
    );
  });

  test('without libgnutls is refused in one line', async () => {
    await using display = await TestDisplay.start();
    const script = `for file in /usr/lib/*/libgnutls.so.30*; do mount --bind /dev/null "$file"; done; exec "$@"`;
    const run = Bun.spawnSync(
      [
        'unshare',
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        display.executable,
        `:${display.display + 1000}`,
        '-noWebsocket',
      ],
      { env: display.serverEnv },
    );
    expect(run.exitCode).toBe(6);
    expect(run.stderr.toString()).toBe(
      'error: cannot speak TLS: libgnutls.so.30 is missing\nhint: apt-get install libgnutls30\n',
    );
  });

  test('on a port that is taken says which, and opens once it is free', async () => {
    const taker = createServer();
    // SAFETY: a TCP server that listens has such an address.
    const port = await new Promise<number>((resolve) =>
      taker.listen(0, '127.0.0.1', () => resolve((taker.address() as AddressInfo).port)),
    );
    await using display = await TestDisplay.start();
    await display.stopServer();
    using stack = new DisposableStack();
    const child = Bun.spawn([display.executable, `:${display.display}`, '-noWebsocket', '-rfbport', String(port)], {
      env: display.serverEnv,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    stack.defer(() => child.kill());
    let log = '';
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) log += decoder.decode(chunk, { stream: true });
    })();
    await until(
      () => log.includes('starting it again'),
      () => log,
    );
    expect(log).toMatch(
      new RegExp(`^error: cannot open the VNC port on 127\\.0\\.0\\.1:${port}: [^\\n]*EADDRINUSE[^\\n]*$`, 'm'),
    );
    expect(log).toContain('the streaming process ended (exit 6)');
    taker.close();
    await until(() => accepts(port));
    child.kill();
    expect(await child.exited).toBe(0);
  });
});

describe('strangers at the port for VNC programs', () => {
  const login = new LoginGate({ blacklistThreshold: 3, blacklistTimeoutMs: 60_000 });
  login.setCredentials([
    { user: 'me', hash: hashPassword('secret', '$5$kasm$'), rights: rightsOf('w') },
    { user: 'blind', hash: hashPassword('secret', '$5$kasm$'), rights: rightsOf('') },
  ]);
  const open = async (limits: Partial<VncLimits> = {}) => {
    const heard: string[] = [];
    const port = await listenVnc({
      listen: { host: '127.0.0.1', port: 0 },
      identity: makeTlsIdentity(),
      login,
      limits: { negotiationMs: 60_000, loginMs: 60_000, maxStrangers: 32, ...limits },
      admitViewer: async ({ begin }) => ({
        onOpen: (link) => {
          heard.push('open');
          link.send(begin.send);
        },
        onMessage: (bytes) => heard.push(Buffer.from(bytes).toString()),
        onDrain: () => {},
        onClose: () => heard.push('close'),
      }),
    });
    return Object.assign(port, { heard });
  };

  test('who says nothing is sent away, before TLS and before the login', async () => {
    await using port = await open({ negotiationMs: 100 });
    using silent = new VncStranger(port.port);
    using slow = new VncStranger(port.port);
    slow.say('RFB 003.0');
    await Promise.all([silent.closed, slow.closed]);
    await using other = await open({ loginMs: 100 });
    using secretive = new VncStranger(other.port);
    await secretive.beginTls();
    secretive.say(0, 0, 0, 2, 0, 0, 0, 6, 'm');
    await secretive.closed;
    using idle = new VncStranger(other.port);
    expect(await idle.logIn('me', 'secret')).toBeUndefined();
    await idle.closed;
    expect(other.heard).toEqual(['open', 'close']);
  });

  test('who is in is no stranger any more: he may be silent, and takes no place', async () => {
    await using port = await open({ loginMs: 300, maxStrangers: 2 });
    using viewer = new VncStranger(port.port);
    expect(await viewer.logIn('me', 'secret')).toBeUndefined();
    viewer.say('hello');
    await until(() => port.heard.includes('hello'));
    const others = Array.from({ length: 6 }, () => new VncStranger(port.port));
    // Of too many the oldest must go, so that whoever comes now finds a place.
    for (const other of others.slice(0, 4)) await other.closed;
    using late = new VncStranger(port.port);
    expect(await late.logIn('me', 'secret')).toBeUndefined();
    await late.closed;
    expect(viewer.isClosed).toBe(false);
    for (const other of others) other[Symbol.dispose]();
  });

  test('who speaks before the login is answered is sent away', async () => {
    await using port = await open();
    using hasty = new VncStranger(port.port);
    await hasty.beginTls();
    // A wrong password takes its time to be answered.
    hasty.say(0, 0, 0, 2, 0, 0, 0, 5, 'mewrong');
    await new Promise((resolve) => setImmediate(resolve));
    hasty.say('RFB');
    await hasty.closed;
    expect(port.heard).toEqual([]);
  });

  test('a password that is right does not help without the right to see; the back-off is that of the other port', async () => {
    await using port = await open();
    const answer = async (user: string, password: string) => {
      using stranger = new VncStranger(port.port);
      return await stranger.logIn(user, password);
    };
    expect(await answer('blind', 'secret')).toContain('may not see');
    for (let i = 0; i < 3; i++) expect(await answer('me', 'wrong')).toContain('user name or password is wrong');
    expect(await answer('me', 'secret')).toContain('too many wrong passwords');
  });

  test('all connections end with the port', async () => {
    const port = await open();
    using viewer = new VncStranger(port.port);
    using stranger = new VncStranger(port.port);
    await stranger.hear(12);
    await viewer.beginTls();
    await port[Symbol.asyncDispose]();
    await Promise.all([viewer.closed, stranger.closed]);
    expect(await accepts(port.port)).toBe(false);
  });
});

function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
