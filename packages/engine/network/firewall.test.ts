import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { parseSubnet } from './address.ts';
import { firewallRules } from './firewall.ts';

const names = { instance: 'bttest', subnet: parseSubnet('10.199.0.0/16') };

test('nft understands the rules, with sandboxes and without', () => {
  for (const places of [
    [],
    [
      { network: 0, host: 2 },
      { network: 0, host: 3 },
      { network: 255, host: 254 },
    ],
  ]) {
    // --check loads nothing.
    const nft = spawnSync('nft', ['--check', '--file', '-'], { input: firewallRules(names, places), encoding: 'utf8' });
    expect(nft.stderr).toBe('');
    expect(nft.status).toBe(0);
  }
});
