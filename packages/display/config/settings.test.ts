import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine } from './flags.ts';
import { OPTIONS } from './option-table.ts';
import { readSettings } from './settings.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function read(args: readonly string[], environment: Record<string, string> = {}, yaml?: string) {
  const yamlPath = join(dir, 'kasmvnc.yaml');
  if (yaml !== undefined) writeFileSync(yamlPath, yaml);
  return readSettings({ args, environment, yamlPath });
}

async function refusal(
  args: readonly string[],
  environment: Record<string, string> = {},
  yaml?: string,
): Promise<string> {
  return read(args, environment, yaml).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const unitFlags =
  ':99 -geometry 1280x720 -depth 24 -websocketPort 6080 -interface 0.0.0.0 -BlacklistTimeout 0 -FreeKeyMappings -AlwaysShared -SecurityTypes=None -FrameRate=60 -RectThreads=3';

describe('command line', () => {
  test('the unit’s line is understood', async () => {
    expect(await read(unitFlags.split(' '))).toMatchObject({
      display: 99,
      width: 1280,
      height: 720,
      depth: 24,
      port: 6080,
      interface: '0.0.0.0',
      blacklistTimeoutMs: 0,
      sharing: 'always',
      frameRate: 60,
      threads: 3,
    });
  });

  test('a value stands behind a blank or an equals sign, names have any case and one dash, two, or none before an equals sign', async () => {
    for (const line of ['-FrameRate 30', '-framerate=30', '--FrameRate=30', 'FRAMERATE=30', '--framerate 30']) {
      expect((await read(line.split(' '))).frameRate).toBe(30);
    }
  });

  test('switches stand alone or with a value', async () => {
    for (const [line, isOn] of [
      ['-AcceptKeyEvents', true],
      ['-AcceptKeyEvents=0', false],
      ['-AcceptKeyEvents off', false],
      ['-AcceptKeyEvents -NeverShared', true],
    ] as const) {
      expect((await read(line.split(' '))).acceptKeys).toBe(isOn);
    }
  });

  test('flags of the X server are handed on, in its own spelling', async () => {
    const { xFlags } = await read('-dpi 120 -RawKeyboard -nolisten local -RemapKeys=0x61->0x62 -fp auto'.split(' '));
    expect(xFlags).toEqual(['-nolisten', 'local', '-RemapKeys=0x61->0x62', '-RawKeyboard=1', '-dpi', '120']);
  });

  test('what is not known is refused', async () => {
    expect(await refusal(['-RecThreads', '1'])).toBe('unknown flag "-RecThreads"');
    expect(await refusal(['framerate'])).toBe('unknown flag "framerate"');
    expect(await refusal([':x'])).toContain('":x"');
    expect(await refusal(['-depth', '17'])).toBe('cannot use flag "-depth" "17": it must be one of 16, 24, 32');
    expect(await refusal(['-SecurityTypes', 'VncAuth'])).toContain('must be one of None');
    expect(await refusal(['-depth'])).toBe('flag "-depth" needs a value');
  });

  test('help, version, streaming and waiting are told apart', () => {
    expect(parseCommandLine(['-help']).action).toBe('help');
    expect(parseCommandLine(['--stream', ':3']).action).toBe('stream');
    expect(parseCommandLine(['--wait-ready']).action).toBe('waitReady');
    expect(parseCommandLine([':3.0'])).toMatchObject({ action: 'run', display: 3 });
  });

  test('every flag has one row, and so has every key', () => {
    for (const field of ['flag', 'yaml'] as const) {
      const names = OPTIONS.flatMap((row) => row[field]?.toLowerCase() ?? []);
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    }
  });
});

describe('environment', () => {
  test('the page’s variables set size, depth, rate and threads; an empty one does nothing', async () => {
    const env = {
      DISPLAY_WIDTH: '1920',
      DISPLAY_HEIGHT: '1080',
      DISPLAY_DEPTH: '16',
      KASM_FRAMERATE: '30',
      KASM_THREADS: '2',
    };
    expect(await read([], env)).toMatchObject({ width: 1920, height: 1080, depth: 16, frameRate: 30, threads: 2 });
    expect(await read([], { DISPLAY_WIDTH: '' })).toMatchObject({ width: 1280, height: 720 });
  });

  test('32 bits are depth 24, and threads are never less than one', async () => {
    expect((await read([], { DISPLAY_DEPTH: '32' })).depth).toBe(24);
    expect((await read([], { KASM_THREADS: '0' })).threads).toBeGreaterThanOrEqual(1);
  });

  test('a wrong variable is named, also when a flag was made from it', async () => {
    expect(await refusal(['-geometry', '16384x16384'])).toBe(
      'cannot use flag "-geometry" "16384x16384": it must be at most 67108864 pixels',
    );
    expect(await refusal([], { DISPLAY_WIDTH: '16384', DISPLAY_HEIGHT: '16384' })).toBe(
      'cannot use DISPLAY_WIDTH and DISPLAY_HEIGHT "16384x16384": it must be at most 67108864 pixels',
    );
    expect(await refusal(['-geometry', 'bananax720'], { DISPLAY_WIDTH: 'banana' })).toBe(
      'cannot use DISPLAY_WIDTH "banana": it must be a whole number from 64 to 16384',
    );
    expect(await refusal([], { KASM_FRAMERATE: '-1' })).toContain('KASM_FRAMERATE "-1"');
  });
});

describe('kasmvnc.yaml', () => {
  test('sets what nothing else sets', async () => {
    const yaml = `
desktop:
  resolution: { width: 800, height: 600 }
  allow_resize: false
network: { websocket_port: auto, use_ipv6: false }
user_session: { idle_timeout: never, session_type: exclusive }
data_loss_prevention:
  clipboard:
    server_to_client: { enabled: false, size: unlimited }
    client_to_server: { size: 5000 }
encoding: { max_frame_rate: 25, rect_encoding_mode: { min_quality: 3, max_quality: 9, rectangle_compress_threads: auto } }
server:
  http:
    headers: { X-One: "1", X-Two: b=c }
`;
    expect(await read(['-FrameRate', '50'], {}, yaml)).toMatchObject({
      width: 800,
      height: 600,
      mayResize: false,
      port: 6080,
      interface: '0.0.0.0',
      sharing: 'never',
      viewerIdleTimeoutMs: 0,
      sendClipboard: false,
      maxAcceptedClipboardBytes: 5000,
      frameRate: 50,
      minQuality: 3,
      maxQuality: 9,
      headers: [
        ['X-One', '1'],
        ['X-Two', 'b=c'],
      ],
    });
  });

  test('a null or an empty file sets nothing, variables of the environment are filled in', async () => {
    expect((await read([], {}, 'desktop:\n  pixel_depth: ~\n')).depth).toBe(24);
    expect((await read([], {}, '# nothing\n')).width).toBe(1280);
    expect((await read([], { HOME: '/h' }, 'legacy:\n  desktop_name: at ${HOME}\n')).desktopName).toBe('at /h');
  });

  test('an unknown key, a wrong value and a broken file are errors that name them', async () => {
    expect(await refusal([], {}, 'desktop:\n  colour: 1\n')).toContain('unknown key "desktop.colour"');
    expect(await refusal([], {}, 'just text\n')).toContain('unknown key ""');
    expect(await refusal([], {}, 'desktop:\n  pixel_depth: 8\n')).toContain('"desktop.pixel_depth" of ');
    expect(await refusal([], {}, 'desktop: [\n')).toContain('cannot read "');
  });

  test('what has no effect is noted', async () => {
    const { ignored } = await read([], {}, 'data_loss_prevention: { watermark: { image: /x.png } }\n');
    expect(ignored).toHaveLength(1);
    expect(ignored[0]).toContain('"data_loss_prevention.watermark.image" of ');
  });
});

describe('the port for VNC programs', () => {
  const on = 'network:\n  protocol: vnc\n';

  test('is off unless the file or a flag asks for it, and a flag wins', async () => {
    const vnc = async (...given: Parameters<typeof read>) => (await read(...given)).vnc;
    expect(await vnc([])).toBeUndefined();
    expect(await vnc(['-rfbport', '5999', '-cert', '/c.pem'])).toBeUndefined();
    expect(await vnc([], {}, 'network:\n  protocol: http\n')).toBeUndefined();
    expect(await vnc(['-noWebsocket=0'], {}, on)).toBeUndefined();
    expect(await vnc(['-rfbport', '-1'], {}, on)).toBeUndefined();
    expect(await vnc(['-noWebsocket'], {}, 'network:\n  protocol: http\n')).toBeDefined();
  });

  test('is on loopback, whatever the port for browsers listens on, and numbered by its display', async () => {
    expect((await read([':7', '-interface', '0.0.0.0'], {}, on)).vnc).toEqual({
      host: '127.0.0.1',
      port: 5907,
      identityFiles: undefined,
    });
  });

  test('listens where it is told; a certificate without a key has it in the same file', async () => {
    const told = '  vnc:\n    port: 4711\n    interface: 10.0.0.1\n  ssl:\n    pem_certificate: /c.pem\n';
    expect((await read([], {}, on + told)).vnc).toEqual({
      host: '10.0.0.1',
      port: 4711,
      identityFiles: { certificate: '/c.pem', key: '/c.pem' },
    });
    expect((await read(['-key', '/k.pem'], {}, on + told)).vnc?.identityFiles?.key).toBe('/k.pem');
    expect(await refusal(['-key', '/k.pem'], {}, on)).toContain('flag "-key" "/k.pem": its certificate is not given');
  });
});
