import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Desk } from '../support/e2e-desk.ts';
import { seenBySite, serveSite, siteColours, siteUrl } from '../support/e2e-site.ts';
import { until } from '../support/until.ts';

/** As the page has it; only the address is of a page that is there without a network. */
const agentLoop = `
bhatti exec desk -- chromium-browser ${siteUrl} &
sleep 2
bhatti exec desk -- screenshot --base64 > frame.b64
bhatti exec desk -- xdotool key Return
bhatti exec desk -- xdotool type "hello world"
`;

export function agentLoopTests(desk: () => Desk): void {
  describe('the agent loop', () => {
    test('opens a page, takes a picture of it, presses a key and types', async () => {
      await serveSite(desk());
      const { exitCode, stderr } = await desk().type(agentLoop);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const frame = readFileSync(join(desk().scratchDir, 'frame.b64'), 'utf8');
      expect(frame).toMatch(/^[A-Za-z0-9+/]+=*$/);
      const picture = await desk().decode(frame);
      for (const colour of siteColours) expect(picture.shareOf(colour)).toBeGreaterThan(0.3);
      await until(
        async () => (await seenBySite(desk(), 'text')).includes('hello world'),
        async () => JSON.stringify(await seenBySite(desk(), 'text')),
      );
      expect(await seenBySite(desk(), 'key')).toContain('Enter');
    });
  });
}
