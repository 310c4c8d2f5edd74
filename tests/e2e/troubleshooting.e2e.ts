import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';
import { Picture } from '../support/e2e-picture.ts';
import { until } from '../support/until.ts';

/** Every row of the page's table: the symptom is made first, then the fix runs as it is typed there. */
export function troubleshootingTests(desk: () => Desk): void {
  const inDesk = (line: string) => desk().type(`bhatti exec desk -- ${line}`);
  const mustInDesk = (line: string) => desk().must(`bhatti exec desk -- ${line}`);

  describe('troubleshooting', () => {
    test('no red banner "No password configured for VNC Auth", with the flag or without', async () => {
      const unit = '/etc/systemd/system/kasmvnc.service';
      expect(await mustInDesk(`cat ${unit}`)).toContain('-SecurityTypes=None');
      await mustInDesk(`sudo cp ${unit} /root/kasmvnc.service`);
      await mustInDesk(`sudo sed -i 's/-SecurityTypes=None//' ${unit}`);
      await mustInDesk('systemctl daemon-reload');
      await mustInDesk('systemctl restart kasmvnc');
      await desk().waitDrawn();
      expect(await mustInDesk('ps -e -o args=')).not.toContain('-SecurityTypes=None -FrameRate');
      const page = await desk().openDesktop();
      expect(await page.getByText('No password configured').count()).toBe(0);
      await page.context().close();
      await mustInDesk(`sudo cp /root/kasmvnc.service ${unit}`);
      await mustInDesk('systemctl daemon-reload');
      await mustInDesk('systemctl restart kasmvnc');
      await desk().waitDrawn();
    });

    test('an image that is behind its recipe is built again by "bhatti update --tiers computer"', async () => {
      expect(await desk().must('bhatti update --tiers computer')).toMatch(
        /^image\/computer (is current|built again)$/m,
      );
    });

    test('stale credentials: removing the hashes makes new ones, and the old are worth nothing', async () => {
      const stale = await desk().credentials();
      await desk().must(
        'bhatti exec desk -- sudo kasmvncpasswd -u kasm_user -wo /root/.kasmpasswd',
        'another one\nanother one\n',
      );
      await until(async () => (await loginStatus(desk(), stale)) === 401);
      // As the row is typed: what stands after && runs on the host.
      const fix = 'bhatti exec desk -- sudo rm /root/.kasmpasswd && sudo /etc/bhatti/init.sh';
      const outcome = await desk().typeWhereInstalled(fix);
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
      expect(outcome.stdout).toContain('nothing to do on the host');
      const healed = await until(async () => {
        const outcome = await inDesk('vnc-creds --json');
        return outcome.exitCode === 0 && outcome.stdout;
      });
      const fresh = JSON.parse(healed);
      expect(fresh.password).not.toBe(stale.password);
      await until(async () => (await loginStatus(desk(), fresh)) === 200);
      expect(await loginStatus(desk(), stale)).toBe(401);
    });

    test('stale credentials: the guest script regenerates what is missing and says what it did', async () => {
      const before = await desk().credentials();
      const page = await desk().openDesktop();
      await mustInDesk('sudo rm /root/.kasmpasswd /root/.vnc/cleartext');
      const said = await mustInDesk('sudo /etc/bhatti/init.sh');
      expect(said.trim()).not.toBe('');
      await desk().waitDrawn();
      const after = await desk().credentials();
      expect(after.password).not.toBe(before.password);
      expect(await loginStatus(desk(), after)).toBe(200);
      // Who was logged in with the old ones is out, and is told so.
      await page.getByRole('status').getByText('Signed out').waitFor();
      await page.context().close();
    });

    test('black screen: the session says why in ~/.xsession-errors, and init.sh brings the desktop back', async () => {
      await mustInDesk('sudo chmod 000 /usr/bin/dbus-launch /usr/bin/xfce4-session');
      await inDesk('systemctl restart xfce-session');
      await until(async () => !(await mustInDesk('list-windows')).includes('xfce4-panel'));
      const page = await desk().openDesktop();
      await until(async () => (await Picture.ofViewer(page)).colours() < 10);
      const errors = () => mustInDesk(`sh -c 'cat ~/.xsession-errors'`);
      await until(async () => (await errors()).includes('xfce4-session: Permission denied'), errors);
      await mustInDesk('sudo chmod 755 /usr/bin/dbus-launch /usr/bin/xfce4-session');
      expect((await desk().must('bhatti exec desk -- /etc/bhatti/init.sh')).trim()).not.toBe('');
      await desk().waitDrawn();
      await page.context().close();
    });

    test('a busy sandbox: top names what takes the processor, and the desktop still answers', async () => {
      await desk().must('bhatti exec desk --detach -- sha256sum /dev/zero');
      await desk().must('bhatti exec desk --detach -- sha256sum /dev/zero');
      const top = await until(async () => {
        const seen = await mustInDesk('top -bn1');
        return seen.includes('sha256s') && seen;
      });
      expect(top).toContain('Cpu(s)');
      const page = await desk().openDesktop();
      await page.mouse.move(333, 222);
      await until(async () => (await mustInDesk('xdotool getmouselocation')).startsWith('x:333 y:222'));
      await mustInDesk('pkill sha256sum');
      await page.context().close();
    });

    test('DISPLAY cannot be unset for exec, and init.sh writes it again', async () => {
      await mustInDesk(`sudo sh -c ': > /run/bhatti/env'`);
      expect(await desk().must('bhatti exec desk -- env | grep DISPLAY')).toBe('DISPLAY=:99\n');
      await mustInDesk('/etc/bhatti/init.sh');
      expect(await mustInDesk('cat /run/bhatti/env')).toContain('DISPLAY=:99');
      await desk().waitDrawn();
      expect(await mustInDesk('xdotool getmouselocation')).toMatch(/^x:/);
    });
  });
}

async function loginStatus(
  desk: Desk,
  { username, password }: { username: string; password: string },
): Promise<number> {
  const reply = await fetch(await desk.plainUrl(), {
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
  });
  return reply.status;
}
