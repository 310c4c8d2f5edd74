#!/usr/bin/env bun
// The one executable. The name it is called by chooses the program; each is a dynamic import, so that starting one costs nothing for the others.
import { basename } from 'node:path';

type Program = (args: readonly string[]) => Promise<number> | number;

const programs: Record<string, () => Promise<Program>> = {
  bhatti: async () => (await import('@bhatti/cli/main.ts')).main,
  lohar: async () => (await import('@bhatti/guest/main.ts')).main,
  systemctl: async () => (await import('@bhatti/guest/systemctl/main.ts')).main,
  journalctl: async () => (await import('@bhatti/guest/journal/main.ts')).main,
  'systemd-run': async () => (await import('@bhatti/guest/tools/systemd-run.ts')).main,
  'systemd-notify': async () => (await import('@bhatti/guest/tools/systemd-notify.ts')).main,
  'systemd-cat': async () => (await import('@bhatti/guest/tools/systemd-cat.ts')).main,
  'systemd-escape': async () => (await import('@bhatti/guest/tools/systemd-escape.ts')).main,
  'systemd-path': async () => (await import('@bhatti/guest/tools/systemd-path.ts')).main,
  loginctl: async () => (await import('@bhatti/guest/tools/loginctl.ts')).main,
  hostnamectl: async () => (await import('@bhatti/guest/tools/hostnamectl.ts')).main,
  runlevel: async () => (await import('@bhatti/guest/tools/power.ts')).runlevel,
  ...Object.fromEntries(
    ['poweroff', 'reboot', 'halt', 'shutdown'].map((called) => [
      called,
      async (): Promise<Program> => {
        const { power } = await import('@bhatti/guest/tools/power.ts');
        return (args) => power(called, args);
      },
    ]),
  ),
  Xkasmvnc: async () => (await import('@bhatti/display/main.ts')).main,
  kasmvncpasswd: async () => (await import('@bhatti/display/credentials/kasmvncpasswd.ts')).main,
  'kasmvnc-firstboot': async () => (await import('@bhatti/display/credentials/firstboot.ts')).main,
  'bhatti-display-env': async () => (await import('@bhatti/guest/helpers/display-env.ts')).main,
  screenshot: async () => (await import('@bhatti/guest/helpers/screenshot.ts')).main,
  'vnc-creds': async () => (await import('@bhatti/guest/helpers/vnc-creds.ts')).main,
  'screen-size': async () => (await import('@bhatti/guest/helpers/screen-size.ts')).main,
  'active-window': async () => (await import('@bhatti/guest/helpers/active-window.ts')).main,
  xdotool: async () => (await import('@bhatti/guest/helpers/xdotool.ts')).main,
  'list-windows': async () => (await import('@bhatti/guest/helpers/list-windows.ts')).main,
};

// `bhatti serve` is the daemon. It is a command of the CLI in name only: the CLI package must not import the daemon.
const called = basename(process.argv0);
const name =
  called === 'bhatti' && process.argv[2] === 'serve' ? 'serve' : Object.hasOwn(programs, called) ? called : 'bhatti';
const load = name === 'serve' ? async () => (await import('@bhatti/daemon/main.ts')).main : programs[name];
if (load === undefined) throw new Error(`no program "${name}"`);
const program = await load();
process.exitCode = await program(process.argv.slice(name === 'serve' ? 3 : 2));
