import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { executable } from '../support/capability.ts';

// Root runs `bhatti`, and inside a sandbox `systemctl` and `vnc-creds`, wherever it happens to stand: in an archive that was just unpacked, in somebody else's home.
describe.skipIf(!existsSync(executable))('a working directory that somebody prepared', () => {
  let trap: string;
  beforeAll(() => {
    trap = mkdtempSync(join(tmpdir(), 'trap-'));
    const proof = JSON.stringify(join(trap, 'it-ran'));
    writeFileSync(join(trap, 'trap.ts'), `require("node:fs").writeFileSync(${proof}, "");`);
    writeFileSync(join(trap, 'bunfig.toml'), 'preload = ["./trap.ts"]\n[run]\npreload = ["./trap.ts"]\n');
    writeFileSync(join(trap, '.env'), 'BHATTI_RUN_DIR=/somewhere/else\n');
    writeFileSync(join(trap, 'package.json'), '{ "preload": "./trap.ts", "type": "commonjs" }');
    writeFileSync(join(trap, 'tsconfig.json'), '{ "compilerOptions": { "paths": { "*": ["./trap.ts"] } } }');
  });
  afterAll(() => rmSync(trap, { recursive: true }));

  for (const program of ['bhatti', 'systemctl', 'journalctl', 'vnc-creds', 'screenshot', 'kasmvncpasswd', 'lohar'])
    test(`runs none of its code in "${program}" and gives it no environment`, async () => {
      const child = Bun.spawn([executable, ...(program === 'bhatti' ? ['list'] : ['--version'])], {
        argv0: program,
        cwd: trap,
        env: { PATH: process.env['PATH'] ?? '', HOME: trap, BHATTI_DISPLAY_SOCKET: join(trap, 'none') },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 10_000,
      });
      const said = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
      await child.exited;
      expect(existsSync(join(trap, 'it-ran'))).toBe(false);
      expect(said).not.toContain('/somewhere/else');
    });
});
