import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';

export function quickStartTests(desk: () => Desk): void {
  describe('quick start', () => {
    test('create returns when the desktop is drawn', async () => {
      const output = await desk().must(
        'bhatti create --name desk --image computer --cpus 2 --memory 4096 --disk-size 8192',
      );
      expect(output).toMatch(/^sandbox\/desk created \(2 vCPU, 4096 MB, 8192 MB disk\)$/m);
      const picture = await desk().screenshot();
      expect([picture.width, picture.height]).toEqual([1280, 720]);
      expect(picture.colours()).toBeGreaterThan(50);
      expect(await desk().must('bhatti exec desk -- list-windows')).toContain('xfce4-panel');
    });

    test('publish prints the address to open', async () => {
      expect(await desk().must('bhatti publish desk -p 6080')).toMatch(
        /^Published: http:\/\/desk-[0-9a-f]{6}\.localhost:\d+\/$/m,
      );
    });

    test('vnc-creds prints a user name and a password of sixteen characters', async () => {
      const output = await desk().must('bhatti exec desk -- vnc-creds # username + password');
      expect(output).toMatch(/^username: kasm_user\npassword: [A-HJ-NP-Za-km-z2-9]{16}\n\n.+\n$/);
    });
  });
}
