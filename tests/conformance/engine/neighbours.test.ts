import { expect, test } from 'bun:test';
import { join } from 'node:path';

// The suite's network test once more, on a host whose iptables rules drop what they do not know, as Docker and ufw leave them. Such rules would cut off everybody else on
// this machine, so they are made in a network namespace of their own, with a /sys that shows it.
const hostWithDrops = `
  set -e
  mount --make-rprivate /
  mkdir -p /run/bhatti-uids
  keep=$(mktemp -d)
  mount --rbind /sys/fs/cgroup "$keep"
  mount -t sysfs sysfs /sys
  mount --rbind "$keep" /sys/fs/cgroup
  umount -l "$keep"
  rmdir "$keep"
  ip link set lo up
  iptables -P INPUT DROP
  iptables -A INPUT -i lo -j ACCEPT
  iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  iptables -P FORWARD DROP
  exec "$@"
`;

test.skipIf(Bun.which('iptables') === null)('sandboxes reach what they may beside rules of Docker or ufw', async () => {
  const suite = [process.execPath, 'test', '--timeout', '60000', join(import.meta.dir, 'network.test.ts')];
  const child = Bun.spawn(['unshare', '--net', '--mount', 'sh', '-c', hostWithDrops, 'sh', ...suite], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect(await child.exited, said).toBe(0);
});
