import { describe, expect, test } from 'bun:test';
import { LeaseSchema } from '@bhatti/wire/display/lease.ts';
import * as v from 'valibot';
import type { Desk } from '../support/e2e-desk.ts';

/** An agent on the host, a person in the browser, and the daemon and its publish proxy between them. */
export function leaseTests(desk: () => Desk): void {
  describe('the lease', () => {
    const api = (path: string, rest = '') =>
      desk().must(`curl -s --unix-socket "$BHATTI_RUN_DIR/bhatti.sock" 'http://bhatti/sandboxes/desk/${path}' ${rest}`);
    const act = (batch: string) => api('actions', `-d '${batch}'`);

    test('is refused more than one option, and a message that is too long', async () => {
      expect(await desk().type('bhatti lease desk --return --withdraw')).toMatchObject({ exitCode: 2 });
      const tooLong = await desk().type(`bhatti lease desk --help-message ${'x'.repeat(1001)}`);
      expect(tooLong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('message') });
    });

    test('an agent asks for help; a person sees it, takes over, does it in private, and hands back', async () => {
      const page = await desk().openDesktop();
      expect(await desk().must('bhatti lease desk')).toBe('nobody has the input\n');
      const asked = await desk().must('bhatti lease desk --help-message "Which account shall I use?"');
      expect(asked).toBe('nobody has the input\nhelp asked: Which account shall I use?\n');
      const card = page.getByRole('region', { name: 'The agent asks for help' });
      await card.getByText('Which account shall I use?').waitFor();
      await card.getByRole('button', { name: 'Take over' }).click();
      const privately = page.getByRole('switch', { name: 'Private' });
      await privately.click();
      await page.getByRole('switch', { name: 'Private', checked: true }).waitFor();

      expect(await desk().must('bhatti lease desk')).toStartWith('a person, "kasm_user", has the input, in private\n');
      expect(await desk().type('bhatti lease desk --hold 5')).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('cannot act: a person, "kasm_user", has the input'),
      });
      expect((await desk().type('bhatti lease desk --wait 0.1')).exitCode).toBe(9);
      expect(await desk().type('bhatti exec desk -- screenshot /tmp/withheld.png')).not.toMatchObject({ exitCode: 0 });
      expect(await act('{"actions":[{"do":"click","at":[5,5]}]}')).toContain('"code":"INPUT_HELD"');
      expect(await api('screenshot')).toContain('"code":"SCREEN_WITHHELD"');

      const waiting = api('lease?wait=free&timeoutMs=60000');
      await page.getByRole('button', { name: 'Hand back' }).last().click();
      const lease = v.parse(LeaseSchema, JSON.parse(await waiting));
      expect(lease.holder).toEqual({ kind: 'nobody' });
      expect(lease.help).toBeUndefined();
      expect(lease.events.map(({ event }) => event)).toContain('refused');
      expect(await act('{"actions":[{"do":"move","to":[5,5]}]}')).toContain('"ok":true');
      expect(await desk().must('bhatti lease desk')).toBe('an agent has the input\n');
      expect(await desk().must('bhatti lease desk --return')).toBe('nobody has the input\n');
      await page.context().close();
    });
  });
}
