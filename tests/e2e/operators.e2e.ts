import { Bhatti } from '@bhatti/client';
import { Sandbox as DesktopSandbox } from '@bhatti/client/e2b';
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Desk } from '../support/e2e-desk.ts';
import { McpClient, rejectionOf } from '../support/mcp.ts';

/** The same desktop in the words of the SDK, of the adapter and of MCP: each fills in the same form. */
export function operatorsTests(desk: () => Desk): void {
  describe('operators of all kinds', () => {
    const socketPath = () => join(desk().runDir, 'bhatti.sock');

    test('the SDK', async () => {
      const operator = await desk().operator();
      const at = await operator.openPage('keys');
      const sandbox = await new Bhatti({ socketPath: socketPath() }).sandboxes.get('desk');
      const { desktop } = sandbox;
      await desktop.click(at(100, 35));
      await desktop.type('by the SDK 東京\t');
      await desktop.type('second', { settle: {} });
      const png = await desktop.screenshot();
      expect(Buffer.from(png.subarray(0, 4)).toString('hex')).toBe('89504e47');
      expect(await rejectionOf(desktop.click([5_000, 5]))).toMatchObject({ code: 'INVALID_ARGUMENT' });
      const reply = await desktop.batch([{ do: 'click', at: at(100, 240) }], { screenshot: { format: 'jpeg' } });
      expect(reply.screenshot?.format).toBe('jpeg');
      expect(await operator.outcome('keys')).toBe('by the SDK 東京|second');
    });

    test('the adapter in the shape of E2B Desktop', async () => {
      const operator = await desk().operator();
      const at = await operator.openPage('keys');
      const sandbox = await DesktopSandbox.connect('desk', { socketPath: socketPath() });
      await sandbox.leftClick(...at(100, 35));
      await sandbox.write('by the adapter');
      await sandbox.press('Tab');
      await sandbox.press('A');
      await sandbox.moveMouse(0, 0);
      expect(await sandbox.getCursorPosition()).toEqual({ x: 0, y: 0 });
      expect(await sandbox.getScreenSize()).toEqual({ width: 1280, height: 720 });
      await sandbox.leftClick(...at(100, 240));
      expect(await operator.outcome('keys')).toBe('by the adapter|A');
    });

    test('MCP', async () => {
      const operator = await desk().operator();
      const at = await operator.openPage('keys');
      await using client = await McpClient.start(['--sandbox', 'desk'], { BHATTI_RUN_DIR: desk().runDir });
      const picture = await client.call('screenshot', {});
      expect(picture.content).toContainEqual(expect.objectContaining({ type: 'image', mimeType: 'image/jpeg' }));
      await client.call('click', { at: at(100, 35) });
      await client.call('type_text', { text: 'by MCP 😀\tsecond' });
      const batch = await client.call('computer_actions', { actions: [{ do: 'click', at: at(100, 240) }], settle: {} });
      expect(batch.isError).toBeUndefined();
      expect(await operator.outcome('keys')).toBe('by MCP 😀|second');
      expect(await client.call('click', { at: [5_000, 5] })).toMatchObject({ isError: true });
    });
  });
}
