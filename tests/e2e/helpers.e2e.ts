import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';

export function helperTests(desk: () => Desk): void {
  const inDesk = (line: string) => desk().type(`bhatti exec desk -- ${line}`);
  const mustInDesk = (line: string) => desk().must(`bhatti exec desk -- ${line}`);

  describe('helpers', () => {
    test('vnc-creds --json is one line for programs', async () => {
      const output = await desk().must('bhatti exec desk -- vnc-creds --json # for scripts/agents');
      expect(output).toMatch(/^\{"username":"kasm_user","password":"\w{16}"\}\n$/);
      expect(await mustInDesk('sudo vnc-creds --json')).toBe(output);
    });

    test.each(['screen-size', 'sudo screen-size'])('%p is what xdpyinfo says', async (helper) => {
      const size = await mustInDesk(helper);
      expect(size).toBe('1280x720\n');
      expect(await mustInDesk('xdpyinfo')).toContain(`dimensions:    ${size.trim()} pixels`);
    });

    test('active-window and list-windows say what xdotool says', async () => {
      expect(await mustInDesk('active-window')).toBe(await mustInDesk('xdotool getactivewindow getwindowname'));
      const windows = (await mustInDesk('list-windows')).trimEnd().split('\n');
      const active = (await mustInDesk('xdotool getactivewindow')).trim();
      expect(windows.some((line) => line.startsWith(`${active} `))).toBe(true);
      for (const line of windows) expect(line).toMatch(/^\d+ \S/);
      const listed = JSON.parse(await mustInDesk('list-windows --json'));
      expect(listed.find((window: { active: boolean }) => window.active).id).toBe(Number(active));
    });

    test('screenshot writes /tmp/screen.png, or where it is told, in the type of the name', async () => {
      expect(await mustInDesk('screenshot')).toBe('/tmp/screen.png\n');
      const types = { '/tmp/a.png': 'image/png', '/tmp/a.jpg': 'image/jpeg', '/tmp/a.webp': 'image/webp' };
      for (const [path, type] of Object.entries(types)) {
        expect(await mustInDesk(`screenshot ${path}`)).toBe(`${path}\n`);
        expect(sniff(Buffer.from(await mustInDesk(`base64 -w0 ${path}`), 'base64'))).toBe(type);
      }
    });

    test('screenshot --base64 has no line end; - is the picture itself', async () => {
      const base64 = await mustInDesk('screenshot --base64 --format jpg');
      expect(base64).toMatch(/^[A-Za-z0-9+/]+=*$/);
      expect(sniff(Buffer.from(base64, 'base64'))).toBe('image/jpeg');
      const raw = await desk().must('bhatti exec desk -- screenshot - > raw.png && base64 -w0 raw.png');
      expect((await desk().decode(raw)).width).toBe(1280);
    });

    test('screenshot, scrot and ImageMagick see the same', async () => {
      await mustInDesk('scrot -o /tmp/scrot.png');
      await mustInDesk('import -window root /tmp/import.png');
      const taken = await desk().screenshot();
      for (const path of ['/tmp/scrot.png', '/tmp/import.png']) {
        const other = await desk().decode(await mustInDesk(`base64 -w0 ${path}`));
        expect(taken.differenceFrom(other)).toBe(0);
      }
    });

    test('a screenshot that cannot be written says why and leaves nothing', async () => {
      const outcome = await inDesk('screenshot /nowhere/a.png');
      expect(outcome.exitCode).toBe(2);
      expect(outcome.stderr).toMatch(/^error: cannot write "\/nowhere\/a\.png": /);
      expect((await inDesk('ls /tmp/.screen*')).exitCode).not.toBe(0);
    });

    test.each(['xdotool getmouselocation', 'sudo xdotool getmouselocation'])('%p works', async (line) => {
      expect(await mustInDesk(line)).toMatch(/^x:\d+ y:\d+ /);
    });

    test('a stranger in the sandbox has no way to the desktop', async () => {
      const xdpyinfo = await inDesk('sudo -u nobody xdpyinfo');
      expect(xdpyinfo.exitCode).not.toBe(0);
      expect(xdpyinfo.stderr).toContain('unable to open display');
      expect((await inDesk('sudo -u nobody env DISPLAY=:99 screenshot')).exitCode).toBe(3);
      expect((await inDesk('sudo -u nobody vnc-creds')).exitCode).not.toBe(0);
    });

    test('DISPLAY is there, by env and in a login shell', async () => {
      expect((await mustInDesk('env')).split('\n')).toContain('DISPLAY=:99');
      expect(await mustInDesk(`bash -lc 'echo $DISPLAY'`)).toBe(':99\n');
    });

    test('there is neither a system bus nor a sound server', async () => {
      const names = await mustInDesk('ps -e -o comm=');
      expect(names).not.toMatch(/pulseaudio|pipewire/);
      expect(await mustInDesk(`sh -c 'ps -e -o args= | grep -c "[d]bus-daemon --system" || true'`)).toBe('0\n');
    });
  });
}

function sniff(bytes: Buffer): string {
  if (bytes.subarray(1, 4).toString() === 'PNG') return 'image/png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  return bytes.subarray(8, 12).toString() === 'WEBP' ? 'image/webp' : 'unknown';
}
