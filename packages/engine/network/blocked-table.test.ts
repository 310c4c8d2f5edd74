import { expect, test } from 'bun:test';
import { isBlockedIpv4, parseIpv4 } from './blocked-table.ts';

test('what is not the public internet is blocked, up to the edges of its range', () => {
  const blocked =
    '10.0.0.0 10.255.255.255 127.0.0.1 169.254.169.254 172.16.0.0 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255 0.0.0.0 255.255.255.255 224.0.0.1';
  const open =
    '9.255.255.255 11.0.0.0 8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 192.167.255.255 192.169.0.0 223.255.255.255';
  for (const address of blocked.split(' ')) expect(isBlockedIpv4(parseIpv4(address)), address).toBe(true);
  for (const address of open.split(' ')) expect(isBlockedIpv4(parseIpv4(address)), address).toBe(false);
});
