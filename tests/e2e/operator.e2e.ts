import { describe, expect, test } from 'bun:test';
import { waitLive, type Desk } from '../support/e2e-desk.ts';
import { until } from '../support/until.ts';

/** As the page has it. */
const busUnit = `# /etc/systemd/system/dbus-system.service (drop in via the sandbox)
[Unit]
Description=System bus for xfce
Before=xfce-session.service
[Service]
Type=forking
PIDFile=/run/dbus/pid
ExecStartPre=/bin/mkdir -p /run/dbus
ExecStart=/usr/bin/dbus-daemon --system --fork
`;

export function operatorTests(desk: () => Desk): void {
  describe('the operator', () => {
    test('sees the state of both units', async () => {
      const status = await desk().must('bhatti exec desk -- systemctl status kasmvnc xfce-session');
      expect(status).toContain('kasmvnc.service');
      expect(status).toContain('xfce-session.service');
      expect(status.match(/active \(running\)/g)).toHaveLength(2);
    });

    test('reads the last lines of the journal', async () => {
      const journal = await desk().must('bhatti exec desk -- journalctl -u kasmvnc -n 50');
      const lines = journal.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(51);
      expect(journal).toContain('Xvnc');
    });

    test('restarting kasmvnc restarts the session too, and viewers come back', async () => {
      const page = await desk().openDesktop();
      const before = { x: await desk().pidsOf('Xtigervnc|Xvnc'), session: await desk().pidsOf('xfce4-session') };
      await desk().must('bhatti exec desk -- systemctl restart kasmvnc # cascades: xfce restarts too');
      await until(async () => {
        const session = await desk().pidsOf('xfce4-session');
        return session !== '' && session !== before.session;
      });
      await desk().waitDrawn();
      expect(await desk().pidsOf('Xtigervnc|Xvnc')).not.toBe(before.x);
      await waitLive(page, 2);
      await page.context().close();
    });

    test('restarting xfce-session leaves the X server alone', async () => {
      const before = { x: await desk().pidsOf('Xtigervnc|Xvnc'), session: await desk().pidsOf('xfce4-session') };
      await desk().must('bhatti exec desk -- systemctl restart xfce-session # just the desktop, X server stays');
      await until(async () => {
        const session = await desk().pidsOf('xfce4-session');
        return session !== '' && session !== before.session;
      });
      await desk().waitDrawn();
      expect(await desk().pidsOf('Xtigervnc|Xvnc')).toBe(before.x);
    });

    test('a system bus can be switched on, and off again', async () => {
      await desk().must('bhatti exec desk -- sudo tee /etc/systemd/system/dbus-system.service', busUnit);
      const enabled = await desk().type('bhatti exec desk -- systemctl enable --now dbus-system.service');
      // The unit has no [Install]: systemd's own words, and no failure.
      expect(enabled.stderr).toStartWith(
        'The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\n',
      );
      expect(enabled.stderr).toEndWith('  instance name specified.\n');
      expect(enabled).toMatchObject({ exitCode: 0, stdout: '' });
      expect(await desk().must('bhatti exec desk -- systemctl is-enabled dbus-system')).toBe('static\n');
      expect(await desk().must('bhatti exec desk -- systemctl is-active dbus-system')).toBe('active\n');
      const buses = async () =>
        (await desk().type(`bhatti exec desk -- pgrep -f 'dbus-daemon --system'`)).stdout.trim();
      expect(await buses()).not.toBe('');
      await desk().must('bhatti exec desk -- systemctl disable --now dbus-system.service');
      await until(async () => (await buses()) === '');
      await desk().must('bhatti exec desk -- sudo rm /etc/systemd/system/dbus-system.service');
      await desk().must('bhatti exec desk -- systemctl daemon-reload');
    });

    test('files and password survive a stop and a start', async () => {
      const credentials = await desk().credentials();
      await desk().must('bhatti file write desk /home/lohar/kept.txt', 'kept');
      await desk().must('bhatti stop desk');
      await desk().must('bhatti start desk');
      await desk().waitDrawn();
      expect(await desk().must('bhatti file read desk /home/lohar/kept.txt')).toBe('kept');
      expect(await desk().credentials()).toEqual(credentials);
      const page = await desk().openDesktop();
      await page.context().close();
    });
  });
}
