// A small image made of programs that this host has: busybox for commands, Bun (mounted by the engine as "the executable") for PID 1. No mirror and no minute needed.
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const testImage = 'test';

/** Puts the image into a data directory. */
export function makeTestImage(dataDir: string): void {
  const dir = join(dataDir, 'images', testImage);
  const rootfs = join(dir, 'rootfs');
  for (const name of ['bin', 'etc', 'tmp', 'usr/lib/bhatti', 'root', 'var', 'proc', 'sys', 'dev', 'run'])
    mkdirSync(join(rootfs, name), { recursive: true });
  chmodSync(join(rootfs, 'tmp'), 0o1777);
  const busybox = Bun.which('busybox');
  if (busybox === null) throw new Error('busybox is not installed');
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const applet of run(busybox, '--list').split('\n'))
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(rootfs, 'bin', applet));
  for (const library of [...librariesOf(busybox), ...librariesOf(process.execPath)]) {
    mkdirSync(dirname(join(rootfs, library)), { recursive: true });
    copyFileSync(library, join(rootfs, library));
  }
  copyFileSync(join(import.meta.dir, 'engine-guest-agent.ts'), join(rootfs, 'agent.ts'));
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\nuser:x:1000:\n');
  writeFileSync(join(rootfs, 'usr/lib/bhatti/init'), '#!/bin/sh\nexec /usr/lib/bhatti/bhatti /agent.ts\n', {
    mode: 0o755,
  });
  const digest = `sha256:${'0'.repeat(64)}`;
  const record = { name: testImage, digest, sizeMb: 10, createdAt: '2026-01-01T00:00:00Z', desktop: false };
  writeFileSync(join(dir, 'image.json'), JSON.stringify(record));
}

/** Shared libraries of a program, by ldd; none for a static one. */
function librariesOf(program: string): string[] {
  return [...run('ldd', program).matchAll(/(\/\S+\.so\S*)/g)].map((match) => match[1] ?? '');
}

function run(...argv: string[]): string {
  return Bun.spawnSync(argv, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.toString();
}
